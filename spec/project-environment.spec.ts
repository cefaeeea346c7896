/** Environments of projects: the tool that makes them, once for equal needs, and a clear word where it is missing. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Folder, temporaryFolder } from "./support/mlpipe.ts";
import { note, perform, projectFolder } from "./support/project.ts";

const main = `entry_points: {main: {parameters: {x: {default: "a b"}}, command: "${note} {x}"}}\n`;

/** A folder of programs that note their words, one line a call, and then do what `does` says. */
function fakeTools(folder: Folder, does: Readonly<Record<string, string>>): string {
  const bin = path.join(folder.path, "bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries(does)) {
    const file = path.join(bin, name);
    writeFileSync(
      file,
      `#!/bin/bash\n(printf '%s' "${name}"; printf ' <%s>' "$@"; echo) >> "${folder.path}/calls.txt"\n${script}\n`,
    );
    chmodSync(file, 0o755);
  }
  return bin;
}

function callsOf(folder: Folder): readonly string[] {
  const file = path.join(folder.path, "calls.txt");
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
}

/** Only what a shell needs, so that a tool of this machine is not found. */
function bareTools(folder: Folder): string {
  const bin = path.join(folder.path, "plain");
  mkdirSync(bin, { recursive: true });
  for (const name of ["bash", "sh", "cat", "dirname", "mkdir", "git"])
    writeFileSync(
      path.join(bin, name),
      `#!/bin/sh\nexec "$(PATH=/usr/bin:/bin command -v ${name})" "$@"\n`,
      { mode: 0o755 },
    );
  return bin;
}

const hasPython = ((): boolean => {
  try {
    execFileSync("python3", ["-c", "import venv, ensurepip"], { stdio: "ignore" });
    return true;
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    console.warn(`skipped in part: no Python that makes environments: ${String(error)}`);
    return false;
  }
})();

describe.concurrent("a project that names no environment", () => {
  test("runs where mlpipe runs, and has no tag of one", async () => {
    using folder = projectFolder(main);
    const done = await perform(folder, ["."]);
    expect(done.code).toBe(0);
    expect(Object.keys(done.runs[0]?.tags ?? {})).not.toContain("mlflow.project.env");
    expect(done.noted[0]?.env["VIRTUAL_ENV"]).toBe(process.env["VIRTUAL_ENV"]);
  });

  test("and one that does, with --env-manager local, run where there is none of the tools", async () => {
    for (const text of [main, `python_env: p.yaml\n${main}`, `conda_env: p.yaml\n${main}`]) {
      using folder = projectFolder(text, { "p.yaml": "python: '3.1'\ndependencies: [numpy]\n" });
      const done = await perform(folder, [".", "--env-manager", "local"], {
        PATH: bareTools(folder),
      });
      expect([done.code, done.runs[0]?.tags["mlflow.project.env"]]).toEqual([0, undefined]);
    }
  });
});

test.skipIf(!hasPython)(
  "a python_env is the Python of the command, and is used again where the needs are equal",
  async () => {
    using cache = temporaryFolder();
    const text = `python_env: python_env.yaml\nentry_points: {main: {command: "python -c 'import sys; print(sys.prefix)' && ${note}"}}\n`;
    const needs = { "python_env.yaml": "python: '3'\n" };
    using folder = projectFolder(text, needs);
    const env = { XDG_CACHE_HOME: cache.path };
    const first = await perform(folder, ["."], env);
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.runs[0]?.tags["mlflow.project.env"]).toBe("virtualenv");
    const made = new RegExp(`\\n(${cache.path}/mlpipe/envs/[0-9a-f]{32}/[0-9a-f-]{36})\\n`);
    const prefix = made.exec(first.stdout)?.[1];
    expect(first.noted[0]?.env["VIRTUAL_ENV"]).toBe(prefix);
    using other = projectFolder(text, needs);
    const second = await perform(other, ["."], env);
    expect(second.stdout).toContain(`\n${prefix}\n`);
    expect(readdirSync(path.join(cache.path, "mlpipe", "envs"))).toHaveLength(1);
  },
  180_000,
);

describe.concurrent("a python_env, made by a venv and a pip that note how they are called", () => {
  const text = `python_env: p.yaml\n${main}`;
  const fakePython = (folder: Folder, pip = "true"): Readonly<Record<string, string>> => {
    const inner = path.join(folder.path, "pip.sh");
    const noting = `for last; do :; done; cat "$last" >> "${folder.path}/needs.txt"`;
    writeFileSync(inner, `#!/bin/bash\n${noting}\n${pip}\n`, { mode: 0o755 });
    const python = `[ "$1" = --version ] && echo "Python 3.11.2" && exit\nmkdir -p "$3/bin" && cp "${inner}" "$3/bin/python"`;
    const bin = fakeTools(folder, { python3: python });
    return { PATH: `${bin}:${bareTools(folder)}:/usr/bin:/bin`, XDG_CACHE_HOME: folder.path };
  };
  const envsOf = (folder: Folder): readonly (readonly string[])[] => {
    const envs = path.join(folder.path, "mlpipe", "envs");
    return readdirSync(envs).map((shelf) => readdirSync(path.join(envs, shelf)));
  };

  test("is made anew where a file that the needs refer to has changed", async () => {
    using folder = projectFolder(text, {
      "p.yaml": "build_dependencies: [pip]\ndependencies: ['-r r.txt', 'a==1']\n",
      "r.txt": "b\n",
    });
    const env = fakePython(folder);
    const run = async (): Promise<string> =>
      (await perform(folder, ["."], env)).noted.at(-1)?.env["VIRTUAL_ENV"] ?? "";
    const first = await run();
    expect(await run()).toBe(first);
    folder.write("r.txt", "c\n");
    expect(await run()).not.toBe(first);
    const needs = readFileSync(path.join(folder.path, "needs.txt"), "utf8");
    expect(needs).toBe(`pip\n-r ${folder.path}/r.txt\na==1\n`.repeat(2));
  });

  test("is made by several at the same time without harm", async () => {
    using folder = projectFolder(text, { "p.yaml": "dependencies: [a]\n" });
    const begun = path.join(folder.path, "begun.txt");
    const allHaveBegun = `echo >> "${begun}"; until [ "$(wc -l < "${begun}")" -ge 3 ]; do sleep 0.05; done`;
    const env = fakePython(folder, allHaveBegun);
    const done = await Promise.all([1, 2, 3].map(() => perform(folder, ["."], env)));
    for (const { code, stderr } of done) expect([code, stderr]).toEqual([0, ""]);
    const used = done.flatMap(({ noted }) => noted).map((one) => one.env["VIRTUAL_ENV"]);
    expect(new Set(used).size).toBe(1);
    expect(envsOf(folder).map(({ length }) => length)).toEqual([2]);
  });

  test("that cannot be made leaves neither a run nor half an environment", async () => {
    using folder = projectFolder(text, { "p.yaml": "dependencies: [a]\n" });
    const env = fakePython(folder, "echo no such package; exit 1");
    const done = await perform(folder, ["."], env);
    expect([done.code, done.noted, done.runs]).toEqual([1, [], []]);
    expect(done.stderr).toMatch(
      /^no such package\nerror R0874 {2}the project's environment could not be made: `.* -m pip .*` ended with exit code 1\n[^]*nothing was logged\n$/,
    );
    expect(envsOf(folder)).toEqual([[]]);
  });
});

describe.concurrent("a tool that makes environments", () => {
  test.each([
    [`python_env: p.yaml\n${main}`, [], "needs Python 3.1, which is not on this machine"],
    [
      `python_env: p.yaml\n${main}`,
      ["--env-manager", "uv"],
      "needs uv, which is not on the search path",
    ],
    [`conda_env: c.yaml\n${main}`, [], "needs conda, which is not on the search path"],
    [
      `name: x\ndocker_env: {image: r-base}\n${main}`,
      [],
      "needs Docker, which is not on the search path",
    ],
  ])("that is missing is said before there is a run: %j %j", async (text, words, message) => {
    using folder = projectFolder(text, { "p.yaml": "python: '3.1'", "c.yaml": "dependencies: []" });
    const env = { PATH: bareTools(folder), PYENV_ROOT: folder.path };
    const done = await perform(folder, [".", ...words], env);
    expect([done.code, done.noted, done.runs]).toEqual([1, [], []]);
    expect(done.stderr).toContain(`error R0873  the project's environment ${message}`);
    expect(done.stderr).toMatch(/\n {2}fix: install it/);
  });

  test("is found among pyenv's, where the search path has another version", async () => {
    using folder = projectFolder(`python_env: p.yaml\n${main}`, { "p.yaml": 'python: "3.1"' });
    const does = (version: string): string =>
      `[ "$1" = --version ] && echo "Python ${version}" || mkdir -p "$3/bin"`;
    const old = fakeTools(folder, { python3: does("3.99.0") });
    const root = path.join(folder.path, "pyenv");
    for (const version of ["3.1.9", "3.1.10", "3.2.0"]) {
      const bin = path.join(root, "versions", version, "bin");
      mkdirSync(bin, { recursive: true });
      writeFileSync(
        path.join(bin, "python"),
        `#!/bin/bash\necho "${version} $1 $2" >> "${folder.path}/calls.txt"\n${does(version)}\n`,
        { mode: 0o755 },
      );
    }
    const env = {
      PATH: `${old}:${bareTools(folder)}`,
      PYENV_ROOT: root,
      XDG_CACHE_HOME: folder.path,
    };
    const done = await perform(folder, ["."], env);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect(callsOf(folder)).toEqual(["python3 <--version>", "3.1.10 --version ", "3.1.10 -m venv"]);
  });

  test("uv is given words, and makes an environment once", async () => {
    using folder = projectFolder(`python_env: p.yaml\n${main}`, {
      "p.yaml":
        'python: "3.12"\nbuild_dependencies: [pip]\ndependencies: [-r r.txt, "a; touch pwned"]\n',
    });
    const bin = fakeTools(folder, {
      uv: 'for last; do :; done; [ "$1" = venv ] && mkdir -p "$last/bin"; true',
    });
    const env = { PATH: `${bin}:${bareTools(folder)}`, XDG_CACHE_HOME: folder.path };
    for (let time = 1; time <= 2; time++) {
      const done = await perform(folder, [".", "--env-manager", "uv"], env);
      expect([done.code, done.runs.at(-1)?.tags["mlflow.project.env"]]).toEqual([0, "uv"]);
    }
    const calls = callsOf(folder).map((line) =>
      line.replaceAll(/<[^>]*\/envs\/[^/>]*\/[^/>]*/g, "<E"),
    );
    expect(calls).toEqual([
      "uv <venv> <--quiet> <--python=3.12> <E>",
      "uv <pip> <install> <--python> <E/bin/python> <-r> <E/mlpipe-requirements-1.txt>",
      "uv <pip> <install> <--python> <E/bin/python> <-r> <E/mlpipe-requirements-2.txt>",
    ]);
    const needs = execFileSync(
      "sh",
      ["-c", 'cat "$1"/mlpipe/envs/*/*/mlpipe-requirements-2.txt', "sh", folder.path],
      { encoding: "utf8" },
    );
    expect(needs).toBe(`-r ${folder.path}/r.txt\na; touch pwned\n`);
    expect(existsSync(path.join(folder.path, "pwned"))).toBe(false);
  });

  test("conda makes the environment once, and starts the command in it", async () => {
    using folder = projectFolder(`conda_env: c.yaml\n${main}`, {
      "c.yaml": "dependencies: [r-base]\n",
    });
    const bin = fakeTools(folder, {
      conda: '[ "$1" = run ] && { shift 4; exec "$@"; }; mkdir -p "$5"; echo solving >&2',
    });
    const env = { PATH: `${bin}:${bareTools(folder)}`, XDG_CACHE_HOME: folder.path };
    for (let time = 1; time <= 2; time++) {
      const done = await perform(folder, ["."], env);
      expect(done.code).toBe(0);
      expect(done.noted.at(-1)?.args).toEqual(["a b"]);
      expect(done.runs.at(-1)?.tags["mlflow.project.env"]).toBe("conda");
    }
    const calls = callsOf(folder).map((line) =>
      line.replaceAll(/<[^>]*\/envs\/[^/>]*\/[^/>]*>/g, "<E>"),
    );
    const run = `conda <run> <--no-capture-output> <--prefix> <E> <${folder.path}/plain/bash> <-c> <${note} 'a b'>`;
    expect(calls).toEqual([
      `conda <env> <create> <--quiet> <--prefix> <E> <--file> <${folder.path}/c.yaml>`,
      run,
      run,
    ]);
  });

  test("that is ended by Ctrl-C leaves no run and no environment", async () => {
    using folder = projectFolder(`conda_env: c.yaml\n${main}`, { "c.yaml": "dependencies: []\n" });
    const bin = fakeTools(folder, { conda: 'mkdir -p "$5"; kill -INT $PPID; sleep 1000' });
    const env = { PATH: `${bin}:${bareTools(folder)}:/usr/bin:/bin`, XDG_CACHE_HOME: folder.path };
    const done = await perform(folder, ["."], env);
    expect([done.code, done.noted, done.runs]).toEqual([130, [], []]);
    const envs = path.join(folder.path, "mlpipe", "envs");
    expect(readdirSync(path.join(envs, readdirSync(envs)[0] ?? ""))).toEqual([]);
  });
});

describe.concurrent("a docker_env", () => {
  const text = `name: it
docker_env: {image: "r-base:4", volumes: ["/data:/data"], environment: [COPIED, [LEVEL, 3]]}
entry_points:
  main: {parameters: {x: {default: "a b"}}, command: "Rscript train.R {x}"}
  shell: {command: "echo a && echo b"}
`;
  const docker =
    'case "$1 $2" in "image inspect") [ -e pulled ] && echo sha256:abc || exit 1;; "pull --") touch pulled;; "run --rm") env | grep -E "^(MLFLOW|MLPIPE_PARAMS|COPIED)" | sort > env.txt;; esac';

  test("gets words, names of variables whose values are not among them, and the mounts that MLflow makes", async () => {
    using folder = projectFolder(text);
    const bin = fakeTools(folder, { docker });
    const env = {
      PATH: `${bin}:/usr/bin:/bin`,
      COPIED: "s3cret copied",
      MLFLOW_TRACKING_TOKEN: "s3cret token",
    };
    const done = await perform(folder, [".", "-A", "gpus=all", "-A", "t"], env);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    const [run] = done.runs;
    expect(run?.tags).toMatchObject({
      "mlflow.project.env": "docker",
      "mlflow.docker.image.uri": "r-base:4",
      "mlflow.docker.image.id": "sha256:abc",
    });
    expect(callsOf(folder)).toEqual([
      "docker <version>",
      "docker <image> <inspect> <--format> <{{.Id}}> <--> <r-base:4>",
      "docker <pull> <--> <r-base:4>",
      "docker <image> <inspect> <--format> <{{.Id}}> <--> <r-base:4>",
      [
        "docker <run> <--rm> <--gpus> <all> <-t>",
        `<-v> <${folder.path}/mlflow.db:/mlflow/tmp/mlruns>`,
        `<-v> <${folder.path}/mlruns/0/${run?.id}/artifacts:${folder.path}/mlruns/0/${run?.id}/artifacts>`,
        "<-v> </data:/data>",
        "<-e> <MLFLOW_TRACKING_URI> <-e> <MLFLOW_RUN_ID> <-e> <MLFLOW_EXPERIMENT_ID> <-e> <MLPIPE_PARAMS>",
        "<-e> <MLFLOW_TRACKING_TOKEN> <-e> <COPIED> <-e> <LEVEL=3>",
        "<--> <r-base:4> <Rscript> <train.R> <a b>",
      ].join(" "),
    ]);
    expect(readFileSync(path.join(folder.path, "env.txt"), "utf8").split("\n")).toEqual([
      "COPIED=s3cret copied",
      "MLFLOW_EXPERIMENT_ID=0",
      `MLFLOW_RUN_ID=${run?.id}`,
      "MLFLOW_TRACKING_TOKEN=s3cret token",
      "MLFLOW_TRACKING_URI=sqlite:////mlflow/tmp/mlruns",
      'MLPIPE_PARAMS={"x":"a b"}',
      "",
    ]);
  });

  test("gives a command that needs a shell to that of the container", async () => {
    using folder = projectFolder(text);
    const bin = fakeTools(folder, { docker });
    const env = {
      PATH: `${bin}:/usr/bin:/bin`,
      COPIED: "x",
      MLFLOW_TRACKING_URI: `sqlite:///${folder.path}/mlflow.db`,
    };
    await perform(folder, [".", "-e", "shell"], env);
    expect(callsOf(folder).at(-1)).toMatch(/<--> <r-base:4> <sh> <-c> <echo a && echo b>$/);
  });

  test.each([
    [
      "a service that does not answer",
      "exit 1",
      { COPIED: "x" },
      "R0873  the project's environment needs Docker, whose service does not answer",
    ],
    [
      "a variable that is not set",
      docker,
      {},
      "R0875  the container is to get the environment variable COPIED, which is not set",
    ],
    [
      "an image that is not there",
      "[ $1 = version ]",
      { COPIED: "x" },
      "R0874  the project's environment could not be made: `",
    ],
  ])("with %s makes no run", async (_, does, more: Readonly<Record<string, string>>, message) => {
    using folder = projectFolder(text);
    const bin = fakeTools(folder, { docker: does });
    const done = await perform(folder, ["."], { PATH: `${bin}:/usr/bin:/bin`, ...more });
    expect([done.code, done.runs]).toEqual([1, []]);
    expect(done.stderr).toContain(message);
  });
});
