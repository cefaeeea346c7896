/**
 * The entry `mlpipe/vitest`: matchers about pipelines and recorded runs, registered by the import, and laws as tests.
 * A law that could not be checked never passes, whatever was expected of it.
 */
import { type MatcherState, type TestContext, describe, expect, test } from "vitest";
import { type Judged, describeUnchanged, judgeLaws } from "./judge-laws.ts";
import { judgeReplay } from "./judge-replay.ts";
import type { Pipeline, PipelineStep, VerifyOptions } from "./pipeline.ts";
import { type ReplayOptions, replay } from "./replay.ts";
import { allLaws } from "./repro/laws/all-laws.ts";
import type { LawId } from "./repro/laws/law.ts";
import type { Verification } from "./repro/laws/verify.ts";

export { PipelineError } from "./pipeline-error.ts";
export { type Params, type Pipeline, type PipelineStep, pipeline } from "./pipeline.ts";

export interface TimeOptions {
  /** Absent: what is left of the test's time, at most a minute. */
  readonly budgetMs?: number;
}

/** What is changed between executions that must agree: the values of params over their domains; what laws L2, L6, L13 and L4 name. */
export type Varied = "params" | "surroundings" | "order" | "threads" | "seed";

export interface ReproducibleOptions
  extends TimeOptions, Pick<VerifyOptions, "seed" | "path" | "cases"> {
  /** Absent: all of it. */
  readonly vary?: "all" | readonly Varied[];
}

export interface LawsOptions extends Pick<VerifyOptions, "seed" | "cases"> {
  readonly skip?: readonly LawId[];
  /** For all of them together; absent: 60,000. */
  readonly budgetMs?: number;
}

declare module "vitest" {
  // oxlint-disable-next-line no-unused-vars -- as vitest declares it
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** The pipeline agrees with itself for these values: executed twice, a second apart, under clocks that are years apart. */
    toRepeat: (options?: TimeOptions) => Promise<void>;
    /** The pipeline gives the same, whatever is changed around it, over the values of its params. */
    toBeReproducible: (options?: ReproducibleOptions) => Promise<void>;
    /** Every param of the pipeline is read, and has an effect. */
    toHaveNoDeadParams: (options?: TimeOptions & Pick<VerifyOptions, "seed">) => Promise<void>;
    /** The pipeline, or one step of it, neither reads nor writes a file that it does not declare. */
    toReadOnlyDeclaredFiles: (options?: TimeOptions) => Promise<void>;
    /** The recorded run with that id gives the same again. What it gives is recorded as a new run. */
    toReplay: (options?: Omit<ReplayOptions, "signal">) => Promise<void>;
  }
}

expect.extend({
  toRepeat(received: unknown, options: TimeOptions = {}) {
    return expectLaws(this, received, options, { laws: ["L1"], fixed: true, claim: repeats });
  },
  async toBeReproducible(
    received: unknown,
    { vary = "all", ...options }: ReproducibleOptions = {},
  ) {
    const varied = vary === "all" ? all : vary;
    const strange = varied.find((one) => !all.includes(one));
    if (strange !== undefined)
      return fails(this, `vary: there is no "${strange}", but ${all.join(", ")}`);
    const laws = varied.flatMap((one) => lawOf[one] ?? []);
    const fixed = !varied.includes("params");
    const idle: readonly LawId[] = vary === "all" ? ["L6"] : [];
    return expectLaws(this, received, options, { laws: ["L1", ...laws], fixed, idle, claim: same });
  },
  toHaveNoDeadParams(received: unknown, options: TimeOptions = {}) {
    return expectLaws(this, received, options, { laws: ["L3"], claim: alive });
  },
  toReadOnlyDeclaredFiles(received: unknown, options: TimeOptions = {}) {
    return expectLaws(this, received, options, { laws: ["L5"], fixed: true, claim: declared });
  },
  async toReplay(received: unknown, options: Omit<ReplayOptions, "signal"> = {}) {
    if (typeof received !== "string")
      return fails(this, "toReplay takes the id of a run, as a text");
    const judged = judgeReplay(await replay(received, { ...options, ...signalOf(this) }));
    return answer(this, `the run ${received}`, replays, judged);
  },
});

const all: readonly Varied[] = ["params", "surroundings", "order", "threads", "seed"];
const lawOf: Readonly<Partial<Record<Varied, LawId>>> = {
  surroundings: "L2",
  order: "L6",
  threads: "L13",
  seed: "L4",
};

interface Claim {
  readonly holds: string;
  readonly broken: string;
}

const repeats: Claim = { holds: "repeats", broken: "does not repeat" };
const same: Claim = { holds: "is reproducible", broken: "is not reproducible" };
const alive: Claim = { holds: "has no dead params", broken: "has dead params" };
const declared: Claim = {
  holds: "reads and writes declared files only",
  broken: "reads or writes files that it does not declare",
};
const replays: Claim = { holds: "gives the same again", broken: "gives something else again" };

interface Answer {
  readonly pass: boolean;
  readonly message: () => string;
}

interface Check extends VerifyOptions {
  readonly laws: readonly LawId[];
  readonly claim: Claim;
  readonly idle?: readonly LawId[];
}

async function expectLaws(
  state: MatcherState,
  received: unknown,
  { budgetMs: asked, ...options }: VerifyOptions,
  { claim, idle, ...check }: Check,
): Promise<Answer> {
  const subject = subjectIn(received);
  if (!subject) return fails(state, "expected what `await pipeline(file)` gives");
  const { pipeline, step } = subject;
  if (step !== undefined && !check.laws.includes("L5"))
    return fails(state, `expected a pipeline, and \`${step}\` is one step of it`);
  const time = timeFor(state, asked);
  if ("why" in time) return fails(state, time.why);
  const settings = { ...options, ...check, ...time, ...signalOf(state) };
  const verification = await pipeline.verify({ ...settings, step });
  const judged = judgeLaws(verification, idle);
  if (judged.kind === "held") tell(describeUnchanged(verification));
  return answer(state, nameOf(subject), claim, judged);
}

interface Subject {
  readonly pipeline: Pipeline;
  /** Undefined: all of it. */
  readonly step: string | undefined;
}

function nameOf({ pipeline: { file, run }, step }: Subject): string {
  return step === undefined ? `${file} ${run}` : `the step ${step} of ${file} ${run}`;
}

/** Undefined where it is something else. */
function subjectIn(received: unknown): Subject | undefined {
  const given = received as Pipeline | PipelineStep | null | undefined;
  if (given?.kind === "step") return { pipeline: given.pipeline, step: given.name };
  return given?.kind === "pipeline" ? { pipeline: given, step: undefined } : undefined;
}

/** Fails, with `.not` too. */
function fails({ isNot }: MatcherState, message: string): Answer {
  return { pass: isNot, message: () => message };
}

function answer(
  state: MatcherState,
  what: string,
  { holds, broken }: Claim,
  { kind, told }: Judged,
): Answer {
  const about = (line: string) => (): string => `${line}\n\n${told}`.trimEnd();
  switch (kind) {
    case "held":
      tell(told);
      return { pass: true, message: about(`${what} ${holds}, which was not expected`) };
    case "broken":
      return { pass: false, message: about(`${what} ${broken}`) };
    case "unknown":
      return { pass: state.isNot, message: about(`nobody can say whether ${what} ${holds}`) };
    default:
      return kind satisfies never;
  }
}

/** Beside the test's result. */
function tell(text: string): void {
  if (text !== "") console.info(text.trimEnd());
}

/** Ends with the test, however that ends. */
function signalOf({ task }: MatcherState): Pick<VerifyOptions, "signal"> {
  return task ? { signal: task.context.signal } : {};
}

const most = 60_000;
/** What it takes to end what is still running. */
const spare = 1000;

function timeFor(
  { task }: MatcherState,
  asked: number | undefined,
): { readonly budgetMs: number } | { readonly why: string } {
  if (!task || !(task.timeout > 0)) return { budgetMs: asked ?? most };
  const used = Date.now() - (task.result?.startTime ?? Date.now());
  const left = task.timeout - used - spare;
  const budgetMs = asked ?? Math.min(most, left);
  if (budgetMs > 0 && budgetMs <= left) return { budgetMs };
  const wanted = Math.ceil((asked ?? most) / 1000 + 10) * 1000;
  return {
    why: `vitest ends this test after ${task.timeout} ms, which leaves no time for ${asked === undefined ? "this" : `a budget of ${asked} ms`}; write test(…, { timeout: ${wanted} }, …)`,
  };
}

/** One test a law, which share one verification: of those that are not skipped or filtered out, within one budget. */
export function laws(
  pipeline: Pipeline,
  { skip = [], budgetMs = most, ...options }: LawsOptions = {},
): void {
  let verification: Promise<Verification> | undefined;
  const verify = ({ task }: TestContext): Promise<Verification> =>
    pipeline.verify({ ...options, skip, budgetMs, laws: lawsOf(task.suite?.tasks ?? [task]) });
  describe(`${pipeline.file} ${pipeline.run}`, () => {
    for (const { id, title, statement } of allLaws.filter((law) => !skip.includes(law.id)))
      test(`${id} ${title}: ${statement}`, { timeout: budgetMs + 30 * spare }, async (context) => {
        verification ??= verify(context);
        report(id, await verification, context);
      });
  });
}

/** Those of a suite that are to run, by what the names of their tests begin with. */
function lawsOf(
  tasks: readonly { readonly name: string; readonly mode: string }[],
): readonly LawId[] {
  const names = tasks.filter(({ mode }) => mode !== "skip").map(({ name }) => name.split(" ")[0]);
  return allLaws.map(({ id }) => id).filter((id) => names.includes(id));
}

function report(id: LawId, verification: Verification, context: TestContext): void {
  const only = { ...verification, laws: verification.laws.filter(({ law }) => law === id) };
  const { kind, told } = judgeLaws(only);
  const isUnchecked = only.laws.some(({ outcome }) => outcome.kind === "not-checked");
  if (isUnchecked && !verification.failure) context.skip(told.trimEnd());
  if (kind !== "held") expect.fail(told.trimEnd());
  tell(told + describeUnchanged(only));
}
