/** One step in a folder of its own, through the runner's own door and with a real process. */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { StepAction } from "../../src/plan/plan.ts";
import type { RunEvent } from "../../src/run/event.ts";
import { readHexFloat } from "../../src/run/hex-float.ts";
import type { StepEvent } from "../../src/run/protocol.ts";
import { type StepContext, type StepResult, runStep } from "../../src/run/step.ts";

/** Line of `iris.mlpipe` on which the code of these steps begins. */
export const firstLine = 10;

export interface Tried {
  readonly result: StepResult;
  /** `R0811 iris.mlpipe:12:3 the code is not valid: …`; "" when the step did well. */
  readonly verdict: string;
  readonly events: readonly StepEvent[];
  readonly heard: readonly RunEvent[];
  /** The last value of each metric. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly log: string;
  /** Content of an output by its path. */
  readonly output: (name: string) => string;
}

export interface Project extends Disposable {
  readonly folder: string;
  readonly write: (name: string, text: string | Uint8Array) => string;
  readonly run: (step: Partial<StepAction>, context?: Partial<StepContext>) => Promise<Tried>;
  /** Runs `code` as a fence in JavaScript with these outputs declared. */
  readonly runCode: (code: string, step?: Partial<StepAction>) => Promise<Tried>;
}

/** A project's folder that is gone at the end of the scope (`using`). */
export function openProject(): Project {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "mlpipe-step-")));
  const run: Project["run"] = (step, context = {}) => tryStep(folder, step, context);
  return {
    folder,
    write(name, text) {
      const file = path.join(folder, name);
      writeFileSync(file, text);
      return file;
    },
    run,
    runCode: (code, step = {}) => run({ ...step, code: fence(code) }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function fence(text: string): StepAction["code"] {
  const lastLine = firstLine + text.split("\n").length;
  return { kind: "fence", text, file: "iris.mlpipe", line: firstLine, column: 1, lastLine };
}

/** Metrics that must come, one number each. */
export function metrics(...names: readonly string[]): StepAction["metrics"] {
  return names.map((key) => ({
    key,
    variable: key,
    over: undefined,
    call: undefined,
    goal: undefined,
    domain: undefined,
    required: true,
  }));
}

export function artifact(
  key: string,
  format: StepAction["artifacts"][number]["format"],
  at = `${key}.${format}`,
): StepAction["artifacts"][number] {
  return { key, variable: key, format, path: at, required: true };
}

export function model(key: string, more: object = {}): StepAction["models"][number] {
  const plain = { flavor: "crate", path: key, packages: [], probe: undefined } as const;
  return { key, variable: key, ...plain, required: true, ...more };
}

export function param(
  name: string,
  type: StepAction["params"][number]["type"],
  value: StepAction["params"][number]["value"],
): StepAction["params"][number] {
  return { name, type, value, domain: undefined };
}

export const plainStep: StepAction = {
  kind: "step",
  name: "fit",
  implicit: false,
  language: "js",
  code: fence(""),
  params: [],
  inputs: [],
  metrics: [],
  artifacts: [],
  models: [],
  secrets: [],
  env: {},
  unsetEnv: [],
  seed: undefined,
  cleanStart: false,
  needs: [],
  resources: { cpus: undefined, memoryBytes: undefined, gpus: undefined },
  timeoutMs: undefined,
  cache: false,
};

async function tryStep(
  folder: string,
  step: Partial<StepAction>,
  context: Partial<StepContext>,
): Promise<Tried> {
  const events: StepEvent[] = [];
  const heard: RunEvent[] = [];
  const result = await runStep(
    { ...plainStep, ...step },
    {
      run: { id: "0f".repeat(16), name: "baseline" },
      folder,
      inputs: [],
      runFolder: path.join(folder, ".mlpipe", "runs", "0f".repeat(16)),
      env: process.env,
      signal: new AbortController().signal,
      listener: (event) => void heard.push(event),
      onEvent: (event) => void events.push(event),
      ...context,
    },
  );
  const { failure, places } = result;
  return {
    result,
    verdict: failure ? `${failure.code} ${failure.place} ${failure.message}` : "",
    events,
    heard,
    metrics: lastValues(events),
    log: readQuietly(places.log),
    output: (name) => readFileSync(path.join(places.outputs, name), "utf8"),
  };
}

function lastValues(events: readonly StepEvent[]): Record<string, number> {
  const points = events.flatMap((event): readonly (readonly [string, number])[] => {
    if (event.kind === "metric") return [[event.key, readHexFloat(event.value)]];
    if (event.kind !== "metrics") return [];
    return event.values.map((value) => [event.key, readHexFloat(value)]);
  });
  return Object.fromEntries(points);
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
