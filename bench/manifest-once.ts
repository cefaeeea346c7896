/**
 * The work of recording a run, in a process that has done nothing else: prints its milliseconds. It is of the file and in the
 * folder that are named, and has given what the run of that id has given.
 */
import path from "node:path";
import { compile } from "../src/compile.ts";
import { lower } from "../src/plan/lower.ts";
import type { RunPlan, StepAction } from "../src/plan/plan.ts";
import { capacityOf } from "../src/run/machine.ts";
import { recordManifest } from "../src/run/manifest/record-manifest.ts";
import { draftAfter, draftBefore } from "../src/run/manifest/step-draft.ts";
import { openPool } from "../src/run/pool.ts";
import { type PerformContext, newState, openRun } from "../src/run/state.ts";
import { placesOfStep } from "../src/run/step-file.ts";
import { diskFiles } from "../src/source/disk.ts";
import { openStore } from "../src/tracking/store/open-store.ts";

const [file = "", folder = "", run_id = ""] = process.argv.slice(2);
const { program } = compile(file, diskFiles(folder, ""));
if (!program) throw new Error(`${file} has errors`);
const plan = lower(program, "baseline", { params: {}, adopt: false }) as RunPlan;
const tracking = await openStore(":memory:", { uri: "memory", folder });
const context: PerformContext = {
  tracking,
  folder,
  env: process.env,
  signal: new AbortController().signal,
  listener: () => {},
  facts: { run_id },
  adopt: undefined,
  pool: openPool(capacityOf(1, process.env)),
  keepGoing: false,
  cache: undefined,
};
const state = newState(context);
openRun(state, tracking);
const steps = plan.actions.filter((action): action is StepAction => action.kind === "step");
const records = path.join(folder, ".mlpipe", "runs", run_id);

const began = performance.now();
for (const step of steps) {
  const before = await draftBefore(step, [], context, { largestCopy: 0 });
  const places = placesOfStep(records, step.name);
  const result = {
    failure: undefined,
    stopped: undefined,
    claimed: undefined,
    milliseconds: 0,
    places,
    packages: [],
    unseeded: false,
    loaded: { packages: [], libraries: [], files: [] },
    facts: undefined,
    runtime: "R",
  };
  state.drafts.set(step.name, await draftAfter(before, step, result, folder, process.env));
}
const none = { path: "plan.json", sha256: "0".repeat(64), bytes: 0 } as never;
await recordManifest(plan, { plan: none, sources: [] }, records, context, state);
console.log(performance.now() - began);
