/** Where in the code a difference begins, from two traced executions: one as it was held, one with the change that matters. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { RunPlan, StepAction } from "../../plan/plan.ts";
import { type StepTrace, readTrace } from "../trace/read-trace.ts";
import { type Classified, classify } from "./classify.ts";
import { type Factor, atRound } from "./factors.ts";
import type { Culprit } from "./isolate.ts";
import { type Key, keysOf, outputOf, stepOf } from "./keys.ts";
import type { Base, Execution, Laboratory, Probe, Variation } from "./laboratory.ts";
import { type Pair, type Root, rootsOf } from "./roots.ts";

export interface LocateRequest {
  readonly laboratory: Laboratory;
  /** As the base in which the culprit was found, but traced. */
  readonly base: Base;
  readonly plan: RunPlan;
}

export interface Suspect extends Pick<Culprit, "factors" | "keys" | "variation"> {
  /** Undefined: any. */
  readonly slot: string | undefined;
}

export interface Located extends Classified {
  readonly step: string;
  readonly factor: Factor;
  readonly outputs: readonly string[];
  /** Undefined: no trace shows it. */
  readonly root: Root | undefined;
  /** Nothing that was changed speaks for it, only what the code calls. */
  readonly isGuess?: boolean;
}

/** One for each step that it changes, or more where the step has several places of it. */
export async function locate(
  { factors: [factor], keys, variation, slot }: Suspect,
  request: LocateRequest,
): Promise<readonly Located[]> {
  if (!factor) return [];
  const probe = await tracedProbe(factor, variation, keys, slot, request);
  const steps = Map.groupBy(keys, stepOf);
  const found = [...steps].map(([step, its]) =>
    locateIn(step, its.map(outputOf), factor, probe, request),
  );
  return (await Promise.all(found)).flat();
}

/** How often another round is tried, where tracing has changed what the first one gives. */
const mostTries = 5;

async function tracedProbe(
  factor: Factor,
  variation: Variation,
  keys: ReadonlySet<Key>,
  slot: string | undefined,
  { laboratory, base }: LocateRequest,
): Promise<Probe> {
  const others = factor.endless
    ? Array.from({ length: mostTries }, (_, at) => ({
        surroundings: factor.variants.map((one) => atRound(one, 40 + at)),
      }))
    : [];
  let first: Probe | undefined;
  for (const one of [variation, ...others]) {
    const probe = await laboratory.probe(base, one, slot);
    first ??= probe;
    if (keysOf(probe.differing).some((key) => keys.has(key))) return probe;
  }
  return first as Probe;
}

async function locateIn(
  name: string,
  outputs: readonly string[],
  factor: Factor,
  { execution, reference }: Probe,
  { plan }: LocateRequest,
): Promise<readonly Located[]> {
  const step = plan.actions.find(
    (one): one is StepAction => one.kind === "step" && one.name === name,
  );
  const [one, other] = await Promise.all(
    [reference, execution].map((its) => readTrace(its.folderOf(name))),
  );
  if (!step) throw new Error(`the plan has no step ${name}`);
  const pair: Pair = {
    one: one ?? noTrace(step),
    other: other ?? noTrace(step),
    step,
    linesOf: linesIn(execution),
  };
  const places = { home: path.join(execution.slot, "home"), copy: execution.copy };
  const roots = rootsOf(pair, outputs);
  const asked = (roots.length > 0 ? roots : [undefined]).map((root) => ({
    step: name,
    factor,
    outputs,
    root,
    ...classify({ factor, root, pair, ...places }),
  }));
  const sure = asked.filter(({ isSure }) => isSure);
  return sure.length > 0 ? sure : asked.slice(0, 1);
}

function noTrace({ name: step, language }: StepAction): StepTrace {
  const nothing = { given: [], expressions: [], calls: [], files: [], startup: [] };
  return { step, language, runtime: "", recorder: "hooks", complete: false, ...nothing };
}

function linesIn({ project }: Execution): (file: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (file) => {
    const place = path.resolve(project, file);
    const lines =
      known.get(file) ?? (existsSync(place) ? readFileSync(place, "utf8").split("\n") : []);
    known.set(file, lines);
    return lines;
  };
}
