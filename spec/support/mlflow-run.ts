/** The command `mlflow run`, many times in one Python, since starting it takes seconds. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { mlflowFolder, plainEnvironment } from "./mlflow.ts";

/** Reads one call a line; answers each with its exit code on the fourth stream, past what the runs print. */
const program = `
import json, os, sys
from mlflow.cli import cli
base = dict(os.environ)
answers = os.fdopen(3, "w", buffering=1)
for line in sys.stdin:
    call = json.loads(line)
    os.environ.clear()
    os.environ.update(base)
    os.environ.update(call["env"])
    os.chdir(call["cwd"])
    try:
        cli(["run", *call["words"]])
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        code = 1
    answers.write(json.dumps(code) + "\\n")
`;

export interface MlflowRunner {
  /** `mlflow run WORDS`; resolves to its exit code. One call at a time. */
  readonly run: (
    words: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
  ) => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** MLflow leaves a folder behind for each run; they go into `temporary`. */
export function startMlflowRunner(temporary: string): MlflowRunner {
  const python = path.join(mlflowFolder ?? "", "bin", "python");
  const child: ChildProcess = spawn(python, ["-c", program], {
    env: plainEnvironment({ TMPDIR: temporary }),
    stdio: ["pipe", "ignore", "ignore", "pipe"],
  });
  const answers = createInterface({ input: child.stdio[3] as NodeJS.ReadableStream });
  const lines = answers[Symbol.asyncIterator]();
  return {
    async run(words, cwd, env) {
      child.stdin?.write(`${JSON.stringify({ words, cwd, env })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("Python has ended");
      return JSON.parse(value as string) as number;
    },
    async stop() {
      const ended = once(child, "exit");
      child.stdin?.end();
      await ended;
    },
  };
}
