/** The cache beside one step of a run that is performed: asked before the step runs, told of it afterwards. */
import type { RunPlan, StepAction } from "../../plan/plan.ts";
import type { Failure, Listener } from "../event.ts";
import { explainError, failure } from "../failure.ts";
import type { StepEvent, StepInput } from "../protocol.ts";
import {
  type CacheUse,
  type PerformContext,
  type RunState,
  requireRunId,
  runFolder,
} from "../state.ts";
import { type StepPlaces, placesOfStep } from "../step-file.ts";
import { type StepResult, placeOf } from "../step.ts";
import { keyOf } from "./component.ts";
import type { Entry } from "./entry.ts";
import { digestOfInput } from "./input-digest.ts";
import { type Seen, givenBy, keepStep, seeAfter } from "./keep.ts";
import { type KnownPlaces, knownOf, rememberForms } from "./known.ts";
import { type Answer, lookUp } from "./look-up.ts";
import { cacheFolder } from "./places.ts";
import {
  type Cause,
  type Happened,
  type StepName,
  type Uncached,
  lastRecord,
  saveRecord,
} from "./record.ts";
import { grow } from "./size.ts";
import { removeEntry } from "./store.ts";
import { takeStep } from "./take.ts";
import { lookAtFiles, shownFrom } from "./watch.ts";

export interface StepCaching {
  /** Brings what an earlier execution gave to the step's folder, tells it, and hands on its events; false: the step must run. */
  readonly replay: (onEvent: (event: StepEvent) => void) => Promise<boolean>;
  /** Hears what the step says while it runs. */
  readonly hear: Listener;
  /** The step has run. `spoke`: to the tracker by itself; `isGood`: so that its result may be used again. */
  readonly keep: (result: StepResult, spoke: boolean, isGood: boolean) => Promise<void>;
}

interface Beside {
  readonly step: StepAction;
  readonly plan: RunPlan;
  readonly inputs: readonly StepInput[];
  readonly context: PerformContext;
  readonly state: RunState;
  readonly name: StepName;
  readonly runId: string;
  readonly use: CacheUse;
  readonly cache: KnownPlaces;
  readonly places: StepPlaces;
}

/** Nothing that goes wrong with the cache ends a run: it is told, and the step runs. */
export async function openStepCaching(
  step: StepAction,
  plan: RunPlan,
  inputs: readonly StepInput[],
  context: PerformContext,
  state: RunState,
): Promise<StepCaching> {
  const { cache: use } = context;
  if (!use) return noCaching(context);
  const runId = requireRunId(state);
  const beside: Beside = {
    step,
    plan,
    inputs,
    context,
    state,
    runId,
    use,
    name: { file: plan.file, run: plan.run, step: step.name },
    cache: { root: cacheFolder(context.folder), folder: context.folder, env: context.env },
    places: placesOfStep(runFolder(context, runId), step.name),
  };
  const answer = await trying(beside, () => ask(beside));
  let before: EndedStep["before"] | undefined;
  const warnings: Failure[] = [];
  return {
    async replay(onEvent) {
      if (!answer) return false;
      const taken = use.renew ? undefined : await trying(beside, () => takeFirst(answer, beside));
      if (taken) tellTaken(taken, answer, beside, onEvent);
      else before = await trying(beside, () => namedBefore(answer, beside));
      return taken !== undefined;
    },
    hear(event) {
      if (event.kind === "warning") warnings.push(event.failure);
      context.listener(event);
    },
    async keep(result, spoke, isGood) {
      if (!answer || !before) return;
      const ended = { result, spoke, isGood, warnings, before };
      await trying(beside, () => keepEnded(ended, answer, beside));
    },
  };
}

function noCaching({ listener: hear }: PerformContext): StepCaching {
  return { replay: () => Promise.resolve(false), hear, keep: () => Promise.resolve() };
}

/** Undefined where the file system refuses, which is told. */
async function trying<T>({ step, context }: Beside, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const reason = explainError(error).message;
    const warning = failure("R0861", { step: step.name, reason }, placeOf(step));
    context.listener({ kind: "warning", step: step.name, failure: warning });
    return undefined;
  }
}

async function ask(beside: Beside): Promise<Answer | undefined> {
  const { step, plan, cache, name, state } = beside;
  await rememberCode(plan, cache);
  const answer = await lookUp(
    {
      name,
      step,
      inputs: await contentsOf(beside),
      runName: state.tracked.runName,
      causeOfInput: (variable) => causeOfInput(variable, beside),
    },
    cache,
  );
  for (let i = 0; i < (answer?.damaged ?? 0); i++) tellDamage(beside);
  return answer;
}

const remembering = new WeakMap<RunPlan, Promise<void>>();

/** Of all steps at once, and only once a run. */
function rememberCode(plan: RunPlan, cache: KnownPlaces): Promise<void> {
  const steps = plan.actions.filter((action) => action.kind === "step");
  const known = remembering.get(plan) ?? rememberForms(steps, cache);
  remembering.set(plan, known);
  return known;
}

async function contentsOf({ inputs }: Beside): Promise<ReadonlyMap<string, string>> {
  const contents = new Map<string, string>();
  for (const input of inputs)
    contents.set(input.variable, (await digestOfInput(input)) ?? "absent");
  return contents;
}

/** Why the step ran that gives an input, where it has run for this very run. */
function causeOfInput(
  variable: string,
  { step, cache, name, runId }: Beside,
): { readonly step: string; readonly cause: Cause } | undefined {
  const from = step.inputs.find((input) => input.variable === variable)?.from;
  if (from?.kind !== "step") return undefined;
  const record = lastRecord(cache.root, { ...name, step: from.step });
  if (record?.runId !== runId || record.happened.kind !== "ran") return undefined;
  return { step: from.step, cause: record.happened.cause };
}

function namedBefore(
  { known }: Answer,
  { context: { folder } }: Beside,
): ReturnType<typeof lookAtFiles> {
  return lookAtFiles(
    known.named.map((file) => shownFrom(folder, file)),
    folder,
  );
}

/** The first execution that is still there as a whole. */
async function takeFirst({ holding }: Answer, beside: Beside): Promise<Entry | undefined> {
  for (const stored of holding) {
    const flaw = await takeStep(beside.cache.root, stored, beside.places, beside.context.folder);
    if (flaw === undefined) return stored.entry;
    if (flaw === "damaged") tellDamage(beside);
  }
  return undefined;
}

function tellDamage({ step, context }: Beside): void {
  const warning = failure("R0860", { step: step.name }, placeOf(step));
  context.listener({ kind: "warning", step: step.name, failure: warning });
}

function tellTaken(
  entry: Entry,
  answer: Answer,
  beside: Beside,
  onEvent: (event: StepEvent) => void,
): void {
  const { step, context, state } = beside;
  const { runId: from, milliseconds: savedMilliseconds, result } = entry;
  for (const warning of result.warnings) {
    const moved = { ...warning, place: placeNow(warning.place, result.line, step) };
    context.listener({ kind: "warning", step: step.name, failure: moved });
  }
  for (const event of result.events) onEvent({ ...event, t: Date.now() });
  state.cached.set(step.name, from);
  const draft = state.drafts.get(step.name);
  if (draft) state.drafts.set(step.name, { ...draft, ...result.draft, cachedFrom: from });
  context.listener({ kind: "step-cached", step: step.name, from, savedMilliseconds });
  record({ kind: "cached", from, savedMilliseconds }, answer, entry, beside);
}

/** `iris.mlpipe:23` where the step's code now begins at another line than `line`. */
function placeNow(place: string, line: number, { code }: StepAction): string {
  if (code.kind !== "fence" || !place.startsWith(`${code.file}:`)) return place;
  const [own = "", ...rest] = place.slice(code.file.length + 1).split(":");
  return [code.file, Number(own) - line + code.line, ...rest].join(":");
}

interface EndedStep {
  readonly result: StepResult;
  readonly spoke: boolean;
  readonly isGood: boolean;
  readonly warnings: readonly Failure[];
  readonly before: Awaited<ReturnType<typeof lookAtFiles>>;
}

async function keepEnded(ended: EndedStep, answer: Answer, beside: Beside): Promise<void> {
  const { result, before, warnings } = ended;
  const { step, context, state, name, runId, use, cache, places } = beside;
  const loaded = result.loaded ?? { packages: [], libraries: [], files: [] };
  const seen = await seeAfter(step, before, givenBy(step, places, loaded), context.folder);
  const uncached = await uncachedAfter(ended, seen, answer, beside);
  const cause: Cause = use.renew ? { kind: "told" } : answer.cause;
  record({ kind: "ran", cause, uncached }, answer, seen, beside);
  if (uncached !== undefined) return;
  const { milliseconds } = result;
  const { folder } = context;
  const { known } = answer;
  const { process, startFiles } = state.drafts.get(step.name) ?? { process: null, startFiles: [] };
  const draft = { process, startFiles };
  const executed = {
    name,
    runId,
    folder,
    step,
    known,
    seen,
    places,
    milliseconds,
    warnings,
    draft,
  };
  if (use.renew) for (const { place } of answer.holding) removeEntry(place);
  const now = Date.now();
  const bytes = await keepStep(cache.root, executed, now);
  grow(cache.root, bytes, use.limitBytes, now);
}

async function uncachedAfter(
  { result, spoke, isGood }: EndedStep,
  seen: Seen,
  { known, key }: Answer,
  beside: Beside,
): Promise<Uncached | undefined> {
  if (known.uncached !== undefined) return known.uncached;
  if (!isGood || result.failure) return "failed";
  if (result.unseeded) return "unseeded";
  if (spoke) return "tracker";
  if (seen.unsure) return "changed";
  // What it was given may have been changed under its hands.
  const now = await knownOf(
    beside.step,
    await contentsOf(beside),
    beside.state.tracked.runName,
    beside.cache,
  );
  return now && keyOf(now.components) === key ? undefined : "changed";
}

function record(
  happened: Happened,
  { known }: Answer,
  { found, watch }: Pick<Seen, "found" | "watch">,
  { cache, name, runId }: Beside,
): void {
  const { components } = known;
  saveRecord(cache.root, {
    edition: 2,
    ...name,
    runId,
    at: Date.now(),
    happened,
    components,
    found,
    watch,
  });
}
