/** The command of an entry point: MLflow's, byte for byte, where that is safe; refused where a value could act as code. */
import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CommandValue, checkCommand, fillCommand } from "../src/project/command.ts";
import { chooseEntry } from "../src/project/entry.ts";
import { chooseParams } from "../src/project/params.ts";
import { type EntryPoint, type Parameter, emptyProject } from "../src/project/project.ts";
import { adviseOnR } from "../src/project/r-advice.ts";
import { ProjectRefused } from "../src/project/refused.ts";
import { splitWords } from "../src/project/shell-words.ts";
import { temporaryFolder } from "./support/mlpipe.ts";

function entryOf(command: string, ...names: readonly string[]): EntryPoint {
  const parameters = names.map((name): Parameter => ({ name, type: "string", default: undefined }));
  const source = { path: "MLproject", text: command };
  const place = { source, span: { start: 0, end: command.length } };
  return { name: "main", parameters, command, place };
}

/** Values of declared names; names that begin with + are not declared. */
function fill(command: string, given: Readonly<Record<string, string>>): string {
  const values = Object.entries(given).map(([name, text]): CommandValue => ({
    name: name.replace(/^\+/, ""),
    text,
    isDeclared: !name.startsWith("+"),
  }));
  const declared = values.filter(({ isDeclared }) => isDeclared).map(({ name }) => name);
  return fillCommand(entryOf(command, ...declared), values);
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ProjectRefused) return `${error.message} | ${error.fix}`;
    throw error;
  }
  return "not refused";
}

describe("a command", () => {
  test.each([
    ["python t.py {a}", { a: "0.1" }, "python t.py 0.1"],
    ["python t.py {a}", { a: "a b" }, "python t.py 'a b'"],
    ["python t.py {a}", { a: "it's" }, `python t.py 'it'"'"'s'`],
    ["python t.py {a}", { a: "" }, "python t.py ''"],
    ["awk '{{print {a}}}'", { a: "1" }, "awk '{print 1}'"],
    ["x {a!r} {a!s} {a:>5} {a:.2}", { a: "abc" }, "x 'abc' abc   abc ab"],
    ['x "{a}"', { a: "a b" }, "x \"'a b'\""],
    ["x $(dirname {a}) {b}", { a: "p q", b: "r s" }, "x $(dirname 'p q') 'r s'"],
    ["x ${{HOME}}/{a} # it's\ny {a}", { a: ";" }, "x ${HOME}/';' # it's\ny ';'"],
    ["x ${{HOME}}/{a}\ny {a}", { a: ";" }, "x ${HOME}/';'\ny ';'"],
    ["x", { "+b": "1", "+c d": "e f" }, "x --b 1 --'c d' 'e f'"],
    ["x", { "+;touch y": "$(touch z)" }, "x --';touch y' '$(touch z)'"],
  ])("%j with %j is filled in as by MLflow", (command, values, filled) => {
    expect(fill(command, values)).toBe(filled);
  });

  test.each([
    "x '{a}'",
    'x "{a}"',
    "x `y {a}`",
    "x {a!r}",
    "x {a:.3}",
    "x \\{a}",
    "x ${a}",
    "x $'{a}'",
    "x # {a}",
    "x <<E\n{a}\nE",
    "x ${{y:-{a}}}",
    "x $((1 + {a}))",
    "case y in y) x {a};; esac",
  ])("%j takes no value that a shell would act on", (command) => {
    expect(fill(command, { a: "0.1" })).toBe(
      command
        .replaceAll(/\{a(!r|:\.3)?\}(?!\})/g, (_, layout?: string) =>
          layout === "!r" ? "'0.1'" : "0.1",
        )
        .replaceAll("{{", "{")
        .replaceAll("}}", "}")
        .replace("{a}", "0.1"),
    );
    expect(refusal(() => fill(command, { a: "';touch x;'" }))).toMatch(/\{a\}.* \| write \{a\}/);
  });

  test("appends nothing behind a comment or an open quote", () => {
    expect(refusal(() => fill("x # y", { "+b": "a b" }))).toContain("--b");
    expect(refusal(() => fill('x "y', { "+b": "$(z)" }))).toContain("--b");
  });

  test.each([
    ["echo {cp", "M0907 the command cannot be filled in: a `{` is never closed"],
    ["echo }", "M0907 the command cannot be filled in: a `}` closes nothing"],
    ["echo {}", "M0907 the command cannot be filled in: `{}` has no name"],
    ["echo {0}", "M0907 the command cannot be filled in: `{0}` has no name"],
    [
      "echo {cp.real}",
      "M0907 the command cannot be filled in: `{cp.real}` asks for a part of a value",
    ],
    ["echo {cp:{cp}}", "M0907 the command cannot be filled in: `{cp:{cp}}` holds a brace"],
    ["echo {cp!x}", "M0907 the command cannot be filled in: `!x` converts nothing"],
    ["echo {cp:5d}", "M0907 the command cannot be filled in: `:5d` is no layout of a text"],
    [
      "echo {pc}",
      "M0908 the command uses {pc}, which is no parameter of the entry point; did you mean {cp}?",
    ],
    ["echo ${HOME}", "M0908 the command uses {HOME}, which is no parameter of the entry point"],
    ["echo {cp} {{x}}", undefined],
  ])("%j is checked before any value is known", (command, finding) => {
    const found = checkCommand(entryOf(command, "cp"));
    expect(found && `${found.code} ${found.message}`).toBe(finding);
  });
});

describe("a filled command in bash", () => {
  const value = fc
    .oneof(
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc
        .array(
          fc.constantFrom(
            "'",
            '"',
            "$(touch pwned)",
            "`touch pwned`",
            ";touch pwned",
            "\\",
            " ",
            "\n",
            "a",
            "{b}",
            "#",
            "&",
            "-",
          ),
          { maxLength: 5 },
        )
        .map((parts) => parts.join("")),
    )
    .filter((text) => !text.includes("\0"));
  const frame = fc.constantFrom(
    "show {a} {b}",
    "show {a}-{b}",
    "show --x={a} $(printf %s {b})",
    "show \"q\" {a} '$(x)' {b} # end",
    "true && (show {a}; true) | cat; show {b}",
    'show "{a}" {b}',
    "show '{a}' {b!r} {b:>3}",
    "show \\{a} `printf %s {b}`",
    "show $'{a}' <<< {b}",
    'show "$(printf %s {a})" ${{HOME}} {b}',
    "if [ {a} = {b} ]; then show {a}; fi",
  );

  test("never runs a part of a value, and hands each value over whole", () => {
    using folder = temporaryFolder();
    fc.assert(
      fc.property(frame, value, value, (command, a, b) => {
        let filled = "";
        try {
          filled = fill(command, { a, b });
        } catch (error) {
          expect(error).toBeInstanceOf(ProjectRefused);
          return;
        }
        const shown = runBash(`show() { printf '<%s>' "$@"; }\n${filled}`, folder.path);
        expect(existsSync(path.join(folder.path, "pwned"))).toBe(false);
        if (command === "show {a} {b}") expect(shown).toBe(`<${a}><${b}>`);
        if (command === "show {a}-{b}") expect(shown).toBe(`<${a}-${b}>`);
      }),
      { numRuns: 300 },
    );
  });

  test("hands undeclared names and values over whole", () => {
    using folder = temporaryFolder();
    fc.assert(
      fc.property(value, value, (name, text) => {
        const filled = fill("show", { [`+${name}`]: text });
        const shown = runBash(`show() { printf '<%s>' "$@"; }\n${filled}`, folder.path);
        expect(shown).toBe(`<--${name}><${text}>`);
        expect(existsSync(path.join(folder.path, "pwned"))).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  function runBash(script: string, cwd: string): string {
    rmSync(path.join(cwd, "pwned"), { force: true });
    try {
      return execFileSync("bash", ["-c", script], {
        cwd,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    } catch (error) {
      return String((error as { stdout: string }).stdout);
    }
  }

  test("is split into words as bash splits it, where it needs no shell", () => {
    const piece = fc.constantFrom(
      "a",
      "b c",
      "'d e'",
      '"f g"',
      "\\ ",
      "--x=1",
      '"\\""',
      "''",
      " ",
      "  ",
      "é",
      "$x",
      ";",
      "*",
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const command = `x${pieces.join("")}`;
        const words = splitWords(command);
        if (words === undefined) expect(command).toMatch(/[$;*]/);
        else expect(runBash(`printf '%s\\n' ${command}`, "/").split("\n")).toEqual([...words, ""]);
      }),
      { numRuns: 100 },
    );
    for (const needy of ["A=1 x", "x > y", "x\ny", "x {a,b}", "x ~", "", "'x"])
      expect(splitWords(needy)).toBeUndefined();
  });
});

describe("the values of parameters", () => {
  const entry: EntryPoint = {
    ...entryOf("x"),
    parameters: [
      { name: "cp", type: "float", default: "0.1" },
      { name: "maxdepth", type: "int", default: undefined },
    ],
  };
  const choose = (given: Readonly<Record<string, string>>, strict = true, of = entry) =>
    chooseParams(of, new Map(Object.entries(given)), { strict }).map(({ name, text }) => [
      name,
      text,
    ]);

  test("are the given ones, else the defaults, in the order of the file", () => {
    expect(choose({ maxdepth: "3" })).toEqual([
      ["cp", "0.1"],
      ["maxdepth", "3"],
    ]);
    expect(choose({ x: "1", maxdepth: "3", cp: "" }, false)).toEqual([
      ["cp", ""],
      ["maxdepth", "3"],
      ["x", "1"],
    ]);
  });

  test.each([
    [{}, "no value is given for `maxdepth` | give it: -P maxdepth=…"],
    [{ maxdepth: "3", pc: "1" }, "`main` has no parameter `pc`; did you mean `cp`?"],
    [{ maxdepth: "3", depth: "1" }, "`main` has no parameter `depth`; it has cp, maxdepth"],
    [{ maxdepth: "3\0" }, "the value of `maxdepth` holds a NUL"],
  ])("%j are refused", (given: Readonly<Record<string, string>>, message) => {
    expect(refusal(() => choose(given))).toContain(message);
  });

  test.each(["x;touch pwned", "a\nb", "a'b", "$(x)", ""])(
    "may not be called %j, which no tracker takes, even where undeclared ones pass",
    (name) => {
      expect(refusal(() => choose({ maxdepth: "3", [name]: "1" }, false))).toContain(
        "cannot be the name",
      );
    },
  );

  test("of a script, which declares none, are all passed on", () => {
    const script = chooseEntry(emptyProject, "a b.R", { hasFile: () => true, shell: "bash" });
    expect(choose({ cp: "1" }, true, script)).toEqual([["cp", "1"]]);
  });
});

describe("an entry point that is no name", () => {
  const commandOf = (name: string): string =>
    fillCommand(
      chooseEntry(emptyProject, name, { hasFile: () => true, shell: "/bin/my shell" }),
      [],
    );

  test.each([
    ["a.py", "python a.py"],
    ["b c.sh", "'/bin/my shell' 'b c.sh'"],
    ["sub/t.R", `Rscript -e "mlflow::mlflow_source('sub/t.R')" --args`],
  ])("is the script %s", (name, command) => {
    expect(commandOf(name)).toBe(command);
  });

  test("is an R script under any name", () => {
    const script = `Rscript() { printf '%s\n' "$@"; }\n${commandOf("it's {x}.R")}`;
    const words = execFileSync("bash", ["-c", script], { encoding: "utf8" });
    expect(words).toBe("-e\nmlflow::mlflow_source('it\\'s {x}.R')\n--args\n");
  });

  test("is refused where there is no such script, with the nearest name", () => {
    const project = { ...emptyProject, entries: new Map([["main", entryOf("x")]]) };
    const choose = (name: string, has = false) =>
      refusal(() => chooseEntry(project, name, { hasFile: () => has, shell: "sh" }));
    expect(choose("mian")).toBe(
      "the project has no entry point `mian`; did you mean `main`? | it has main; a script is named by its file: -e train.R, .py or .sh",
    );
    expect(choose("a.py")).toContain("there is neither an entry point nor a file `a.py`");
    expect(
      refusal(() =>
        chooseEntry({ ...project, isSparkJob: true }, "main", { hasFile: () => true, shell: "sh" }),
      ),
    ).toContain("Databricks");
  });
});

describe("an R script that asks mlflow_param", () => {
  const script = 'library(mlflow)\ncp <- mlflow_param("cp", 0.1)\n';
  const advise = (command: string, text: string | undefined = script) =>
    adviseOnR(entryOf(command, "cp", "maxdepth"), (name) =>
      name === "train.R" ? text : undefined,
    );
  const working = `Rscript -e \\"mlflow::mlflow_source('train.R')\\" --args --cp={cp} --maxdepth={maxdepth}`;

  test.each([
    ["Rscript train.R -P cp={cp} maxdepth={maxdepth}", `command: "${working}"`],
    ["Rscript --vanilla 'train.R' --cp={cp}", `command: "${working}"`],
    ["cd . && Rscript train.R {cp} > log.txt", `command: "cd . && ${working} > log.txt"`],
    [
      `Rscript -e 'mlflow::mlflow_source("train.R")' -P cp={cp} maxdepth={maxdepth}`,
      `command: "${working}"`,
    ],
  ])("by `%s` is warned of, with the line that works", (command, line) => {
    const found = advise(command);
    expect(found?.code).toBe("M0909");
    expect(found?.fix).toBe(`write this line in its place: ${line}`);
  });

  test("is not warned of once that line stands there, nor where it reads its arguments itself", () => {
    const line = advise("Rscript train.R {cp}")?.fix.replace(/^.*command: /, "") ?? "";
    expect(advise(JSON.parse(line) as string)).toBeUndefined();
    expect(
      advise(`R -s -e "mlflow::mlflow_source('train.R')" --args --cp {cp} --maxdepth {maxdepth}`),
    ).toBeUndefined();
    expect(advise("Rscript train.R {cp}", "commandArgs(TRUE)")).toBeUndefined();
    expect(advise("Rscript other.R {cp}")).toBeUndefined();
    expect(advise("python train.py {cp}")).toBeUndefined();
  });
});
