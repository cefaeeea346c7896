/** One step before the real cache, with an execution that is only pretended: a world to change, and what a run of it gives. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunPlan, StepAction } from "../../src/plan/plan.ts";
import { openStepCaching } from "../../src/run/cache/step-caching.ts";
import { writeStep, placesOfStep } from "../../src/run/step-file.ts";
import { type PerformContext, type RunState, newState, runFolder } from "../../src/run/state.ts";
import { digestOf } from "../../src/run/cache/digest.ts";
import { artifact, fence, metrics, param, plainStep } from "./step.ts";

/** All that the step's result depends on, and some that it does not. */
export interface World {
  readonly used: number;
  readonly unused: number;
  /** Which of the codes; they mean different things. */
  readonly code: number;
  /** Comments and layout of it. */
  readonly style: number;
  readonly seed: number | undefined;
  readonly input: string;
  /** Undefined: there is no such file. */
  readonly data: string | undefined;
  readonly helper: string;
  readonly version: string;
  readonly label: string;
  readonly inherited: string;
}

export const firstWorld: World = {
  used: 1,
  unused: 1,
  code: 0,
  style: 0,
  seed: undefined,
  input: "rows",
  data: "data",
  helper: "1",
  version: "1.0.0",
  label: "a",
  inherited: "b",
};

const styles: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => `// as ever\n${line}`,
  (line) => line.replaceAll("(", "( /* so */ ").replaceAll(",", ",\n    "),
  (line) => `\n\n   ${line}   \n// the end`,
];

function codeOf({ code, style }: World): string {
  const lines = [
    'import "./helper.mjs"',
    'writeFileSync("side.txt", text)',
    `const text = make(${code}, used, rows, read("data.txt"), process.env.LABEL, process.env.INHERITED)`,
  ];
  return lines.map(styles[style] ?? ((line) => line)).join("\n");
}

/** What an execution gives, as a pure function of what it depends on. */
export function freshText({ unused: _unused, style: _style, ...meaning }: World): string {
  return JSON.stringify(meaning);
}

export interface StepWorld extends Disposable {
  readonly folder: string;
  /** `.mlpipe/cache` in it. */
  readonly cache: string;
  /** Runs the step: its text, what lies in the project from it, and whether it came from the cache. */
  readonly run: (world: World) => Promise<{
    readonly text: string;
    readonly side: string;
    readonly cached: boolean;
  }>;
}

export interface StepWorldOptions {
  /** What the cache is told of the step; the execution knows it as it is. */
  readonly told?: (step: StepAction) => StepAction;
  readonly limitBytes?: number;
}

export function openStepWorld({
  told = (step) => step,
  limitBytes = 1e9,
}: StepWorldOptions = {}): StepWorld {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "mlpipe-cache-")));
  let runs = 0;
  return {
    folder,
    cache: path.join(folder, ".mlpipe", "cache"),
    async run(world) {
      const runId = digestOf(String(runs++)).slice(0, 32);
      writeWorld(folder, world);
      const context = contextOf(folder, world, limitBytes);
      const step = stepOf(world);
      const places = placesOfStep(runFolder(context, runId), step.name);
      const input = {
        variable: "rows",
        kind: "artifact",
        format: "text",
        path: path.join(folder, "input.txt"),
      } as const;
      const caching = await openStepCaching(
        told(step),
        planOf(step),
        [input],
        context,
        stateOf(context, runId),
      );
      const cached = await caching.replay(() => {});
      if (!cached) {
        const surroundings = { run: { id: runId, name: "it" }, folder, inputs: [input] };
        writeStep(step, surroundings, places);
        execute(world, folder, places);
        await caching.keep(resultOf(folder, places), false, true);
      }
      const side = readFileSync(path.join(folder, "side.txt"), "utf8");
      return { text: readFileSync(path.join(places.outputs, "text.txt"), "utf8"), side, cached };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function writeWorld(folder: string, { input, data, helper, version }: World): void {
  const put = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  put("input.txt", input);
  if (data === undefined) rmSync(path.join(folder, "data.txt"), { force: true });
  else put("data.txt", data);
  put("helper.mjs", `export const helper = ${helper}`);
  put("node_modules/pack/package.json", JSON.stringify({ name: "pack", version }));
}

function stepOf(world: World): StepAction {
  return {
    ...plainStep,
    cache: true,
    code: fence(codeOf(world)),
    params: [param("used", "float", world.used), param("unused", "float", world.unused)],
    inputs: [{ variable: "rows", from: { kind: "file", path: "input.txt", format: "text" } }],
    metrics: metrics("size"),
    artifacts: [artifact("text", "text", "text.txt")],
    seed: world.seed,
    env: { LABEL: world.label },
  };
}

function planOf(step: StepAction): RunPlan {
  return {
    kind: "run",
    run: "it",
    file: "iris.mlpipe",
    experiment: "Default",
    params: [],
    seed: undefined,
    contract: undefined,
    shared: [],
    actions: [step],
  };
}

function contextOf(folder: string, { inherited }: World, limitBytes: number): PerformContext {
  const needed = {
    folder,
    env: { INHERITED: inherited },
    listener: () => {},
    cache: { renew: false, limitBytes },
    facts: {},
    adopt: undefined,
  };
  return needed as unknown as PerformContext;
}

function stateOf(context: PerformContext, runId: string): RunState {
  const state = newState(context);
  const none = { add() {}, tag() {}, flush: async () => {} };
  return { ...state, batches: none, tracked: { ...state.tracked, known: { run_id: runId } } };
}

/** What a process would have done. */
function execute(world: World, folder: string, places: ReturnType<typeof placesOfStep>): void {
  const text = freshText(world);
  writeFileSync(path.join(places.outputs, "text.txt"), text);
  writeFileSync(path.join(folder, "side.txt"), text);
  const events = [
    { t: 1, kind: "metric", key: "size", value: "0x1p+0", step: 0 },
    { t: 2, kind: "artifact", key: "text", path: "text.txt", folder: false },
  ];
  writeFileSync(places.events, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  writeFileSync(places.log, "done\n");
}

function resultOf(folder: string, places: ReturnType<typeof placesOfStep>) {
  const packages = [{ name: "pack", path: path.join(folder, "node_modules", "pack") }];
  return {
    failure: undefined,
    stopped: undefined,
    claimed: undefined,
    milliseconds: 5,
    places,
    packages: [],
    unseeded: false,
    loaded: { packages, libraries: [], files: [path.join(folder, "helper.mjs")] },
    facts: undefined,
    runtime: "Node",
  };
}
