/** An MLproject of somebody else is read as MLflow reads it, and what is wrong with it is said with its place. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Project } from "../src/project/project.ts";
import { pythonText } from "../src/project/python-value.ts";
import { readProject } from "../src/project/read-project.ts";
import { readPlain } from "../src/project/yaml-scalar.ts";
import { readCondaEnv, readPythonEnv } from "../src/project/python-environment.ts";
import { valueOf, readTree } from "../src/project/yaml-tree.ts";
import type { Diagnostic } from "../src/source/diagnostic.ts";
import { positionAt } from "../src/source/text.ts";

function read(text: string, files: readonly string[] = []) {
  return readProject({ path: "MLproject", text }, (name) => files.includes(name));
}

function projectOf(text: string, files: readonly string[] = []): Project {
  const { project, diagnostics } = read(text, files);
  expect(shown(diagnostics)).toEqual([]);
  if (!project) throw new Error("no project");
  return project;
}

/** `2:3 M0902 what is wrong`, one a finding. */
function shown(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, message, place }) => {
    const { line, column } = positionAt(place.source, place.span.start);
    return `${line}:${column} ${code} ${message}`;
  });
}

describe("an MLproject", () => {
  test("gives entry points, parameters with type and default, and the name", () => {
    const project = projectOf(`
name: My Project
entry_points:
  main:
    parameters:
      cp: {type: float, default: 0.05}
      maxdepth: {type: int, default: 3}
      data: path
      free: {}
      none: {default: null}
    command: "Rscript train.R -P cp={cp} maxdepth={maxdepth}"
  other: {command: "true"}
`);
    expect(project.name).toBe("My Project");
    expect([...project.entries.keys()]).toEqual(["main", "other"]);
    expect(project.entries.get("main")?.parameters).toEqual([
      { name: "cp", type: "float", default: "0.05" },
      { name: "maxdepth", type: "int", default: "3" },
      { name: "data", type: "path", default: undefined },
      { name: "free", type: "string", default: undefined },
      { name: "none", type: "string", default: undefined },
    ]);
    expect(project.entries.get("main")?.command).toBe(
      "Rscript train.R -P cp={cp} maxdepth={maxdepth}",
    );
  });

  test.each([undefined, "", "# nothing\n", "entry_points:\n", "name:\n"])(
    "that is %j is a project without entry points",
    (text) => {
      const source = text === undefined ? undefined : { path: "MLproject", text };
      const { project } = readProject(source, () => false);
      expect(project).toMatchObject({ environment: { kind: "none" }, isSparkJob: false });
      expect(project?.entries.size).toBe(0);
    },
  );

  test("may use anchors, merged maps, and keys that YAML does not take for texts", () => {
    const project = projectOf(`
shared: &shared {cp: {type: float, default: 0.1}, 1: {default: x}}
entry_points:
  main: &main
    parameters: {<<: *shared, yes: string, cp: {default: 2}}
    command: echo
  copy: *main
`);
    const parameters = [
      { name: "cp", type: "string", default: "2" },
      { name: "1", type: "string", default: "x" },
      { name: "True", type: "string", default: undefined },
    ];
    expect(project.entries.get("main")?.parameters).toEqual(parameters);
    expect(project.entries.get("copy")?.parameters).toEqual(parameters);
  });

  test.each([
    ["0.00001", "1e-05"],
    ["1e5", "1e5"],
    ["1.0e+16", "1e+16"],
    ["100000.0", "100000.0"],
    ["yes", "True"],
    ["012", "10"],
    ["0x1F", "31"],
    ["1:30", "90"],
    ["-0.0", "-0.0"],
    [".inf", "inf"],
    ["1_000", "1000"],
    ["2026-01-01", "2026-01-01"],
    ["2026-01-01T10:00:00.5+02:00", "2026-01-01 10:00:00.500000+02:00"],
    ["[1, two, 'it''s', ~]", `[1, 'two', "it's", None]`],
    ["{a: .5}", "{'a': 0.5}"],
    ["'0.1'", "0.1"],
    ["!!str 0.10", "0.10"],
    ["!!float 1e5", "100000.0"],
    ["y", "y"],
    ["08", "08"],
    ["", undefined],
    ["~", undefined],
    ["''", ""],
  ])("has the default %s as Python prints it", (written, printed) => {
    const text = `entry_points: {main: {parameters: {p: {default: ${written}}}, command: x}}`;
    expect(projectOf(text).entries.get("main")?.parameters[0]?.default).toBe(printed);
  });

  test.each([
    ["python_env: env.yaml", ["env.yaml"], { kind: "python", file: "env.yaml" }],
    ["conda_env: a/c.yaml", ["a/c.yaml"], { kind: "conda", file: "a/c.yaml" }],
    ["name: x", ["python_env.yaml", "conda.yaml"], { kind: "python", file: "python_env.yaml" }],
    ["name: x", ["conda.yaml"], { kind: "conda", file: "conda.yaml" }],
    ["python_env: ''", ["conda.yaml"], { kind: "conda", file: "conda.yaml" }],
    ["docker_env: {}", [], undefined],
    [
      'docker_env: {image: r-base, volumes: ["/a:/b"], environment: [HOME, [LEVEL, 3]]}',
      [],
      {
        kind: "docker",
        image: "r-base",
        volumes: ["/a:/b"],
        variables: [
          { name: "HOME", value: undefined },
          { name: "LEVEL", value: "3" },
        ],
      },
    ],
  ])("%j beside %j names its environment", (text, files, environment) => {
    expect(projectOf(text, files).environment).toEqual(environment ?? { kind: "none" });
  });
});

describe("a wrong MLproject", () => {
  test.each([
    [
      "a: [1\n",
      "2:1 M0901 this is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    [
      "command: Rscript -e x: y",
      "1:10 M0901 this is no YAML: Nested mappings are not allowed in compact mappings",
    ],
    ["a: 1\n---\nb: 2", "2:1 M0901 this is no YAML: Source contains multiple documents"],
    ["a: *b", "1:4 M0901 this is no YAML: nothing is called &b"],
    [
      "a: !!python/object:os.system x",
      "1:30 M0901 this is no YAML: the tag tag:yaml.org,2002:python/object:os.system does not fit here",
    ],
    ["- 1", "1:1 M0902 the MLproject is a list, but should be a map of `key: value` lines"],
    ["entry_points: [a]", "1:15 M0902 `entry_points` is a list"],
    ["entry_points: {main: x}", "1:22 M0902 the entry point `main` is the text `x`"],
    ["entry_points: {main: }", "1:22 M0902 the entry point `main` is empty"],
    ["entry_points: {main: {parameters: {}}}", "1:16 M0906 the entry point `main` has no command"],
    ["entry_points: {main: {command: [a]}}", "1:32 M0902 the command of `main` is a list"],
    ["entry_points: {main: {command: 1}}", "1:32 M0902 the command of `main` is `1`"],
    ["entry_points: {main: {parameters: [a], command: b}}", "1:35 M0902 `parameters` of `main`"],
    [
      "entry_points: {main: {parameters: {a: 5}, command: b}}",
      "1:39 M0902 the parameter `a` is `5`",
    ],
    [
      "entry_points: {main: {parameters: {a: }, command: b}}",
      "1:39 M0902 the parameter `a` is empty",
    ],
    [
      "python_env: a\nconda_env: b",
      "2:1 M0903 the project names both `python_env` and `conda_env`",
    ],
    ["python_env: a.yaml", "1:13 M0910 `python_env` names `a.yaml`, which is not in the project"],
    ["docker_env: {volumes: [a]}", "1:13 M0902 `docker_env` is a map"],
    ["docker_env: {image: a, volumes: b}", "1:33 M0902 `volumes` is the text `b`"],
    ["docker_env: {image: a, environment: [[b]]}", "1:37 M0902 `environment` is a list"],
  ])("%j is refused with its place", (text, finding) => {
    const { project, diagnostics } = read(text);
    expect(project).toBeUndefined();
    expect(shown(diagnostics)[0]).toContain(finding);
    expect(diagnostics[0]?.fix).not.toBe("");
  });

  test.each([
    [
      "entry_pionts: {}",
      "1:1 M0904 `entry_pionts` means nothing here; did you mean `entry_points`?",
    ],
    ["entry_points: {main: {command: a, comand: b}}", "1:35 M0904 `comand` means nothing here"],
    ["name: a\nname: b", "2:1 M0905 `name` stands here again, and only this one counts"],
  ])("%j is warned of, and read", (text, finding) => {
    const { project, diagnostics } = read(text);
    expect(project).toBeDefined();
    expect(shown(diagnostics)[0]).toContain(finding);
  });

  test("that unfolds to billions, or to no end, is refused at once", () => {
    const laughs = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 10; level++)
      laughs.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
      );
    const endless = "a: &a [*a]";
    for (const text of [laughs.join("\n"), endless, "[".repeat(200_000)])
      expect(shown(read(text).diagnostics)[0]).toMatch(/M0901/);
  });

  test("never brings the reader down, whatever the text", () => {
    const word = fc.constantFrom(
      ..."entry_points: main: parameters: command: type: default: docker_env: image: - [ ] { } & * ! | > ' \" # , ? : << ~ \n \t a".split(
        " ",
      ),
      "\n  ",
      "\n    ",
      "\u0085",
      "\ud800",
      "---",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const { project, diagnostics } = read(words.join(" "));
        const isWrong = diagnostics.some(({ severity }) => severity === "error");
        expect(project === undefined).toBe(isWrong);
      }),
    );
  });
});

describe("a plain scalar", () => {
  test("of a number is that number, however Python prints it", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const printed = pythonText({ kind: "float", value });
        expect(Number(printed)).toBe(value);
        const again = readPlain(printed.includes(".") ? printed : printed.replace("e", ".0e"));
        expect(again).toEqual({ kind: "float", value });
      }),
    );
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        expect(readPlain(String(value))).toEqual({ kind: "int", value });
      }),
    );
  });

  test("in quotes is itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const { tree } = readTree({ path: "x", text: JSON.stringify(text) });
        expect(tree && valueOf(tree)).toEqual({ kind: "text", value: text });
      }),
    );
  });
});

describe("the needs of Python", () => {
  test("are read from python_env.yaml", () => {
    const text =
      'python: "3.10"\nbuild_dependencies: [pip]\ndependencies:\n  - -r requirements.txt\n  - a==1\n';
    expect(readPythonEnv({ path: "p", text }).environment).toEqual({
      python: "3.10",
      build: ["pip"],
      dependencies: ["-r requirements.txt", "a==1"],
    });
    expect(readPythonEnv({ path: "p", text: "" }).environment).toEqual({
      python: undefined,
      build: [],
      dependencies: [],
    });
  });

  test.each([
    ["python: 3.10", '1:9 M0902 `python` is `3.1`, but should be a text in quotes: "3.10"'],
    ["dependencies: a", "1:15 M0902 `dependencies` is the text `a`"],
    ["- a", "1:1 M0902 `p` is a list"],
  ])("are refused in %j", (text, finding) => {
    const { environment, diagnostics } = readPythonEnv({ path: "p", text });
    expect(environment).toBeUndefined();
    expect(shown(diagnostics)[0]).toContain(finding);
  });

  test("are taken from conda.yaml as far as pip can install them", () => {
    const text = "dependencies: [python=3.10.4, pip<=23, wheel, {pip: [a, b==2]}]";
    expect(readCondaEnv({ path: "c", text }).environment).toEqual({
      python: "3.10.4",
      build: ["pip<=23", "wheel"],
      dependencies: ["a", "b==2"],
    });
    const wrong = readCondaEnv({ path: "c", text: "dependencies: [r-base, python, python<3]" });
    expect(shown(wrong.diagnostics)).toEqual([
      "1:16 M0911 `r-base` is a package of conda, which pip cannot install",
      "1:24 M0911 `python` names no version, and one is needed: python=3.10",
      "1:32 M0911 `python<3` names no version: write python=3.10",
    ]);
  });
});
