/** Where a run is executed again and again in surroundings as they are asked for, and compared with itself. */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import type { RunPlan } from "../../plan/plan.ts";
import type { Row } from "../compare/comparison.ts";
import { compareResults } from "../compare/compare-results.ts";
import { type ExecuteRequest, execute } from "../execute.ts";
import type { Output, Results } from "../results.ts";
import { traced } from "../trace/traced.ts";
import type { Abilities } from "../world/abilities.ts";
import { type Surrounding, groupOf } from "../world/surrounding.ts";
import { worldOf } from "../world/world-of.ts";
import type { Factor } from "./factors.ts";

export interface LaboratoryRequest extends Pick<
  ExecuteRequest,
  "plan" | "project" | "env" | "signal" | "origin"
> {
  /** Belongs to the laboratory; removed by `close`. */
  readonly scratch: string;
  readonly abilities: Abilities;
  /** Executions at once. */
  readonly jobs: number;
}

/** What each execution of a kind has in common; what is asked for besides replaces what is of the same group. */
export interface Base {
  readonly name: string;
  readonly surroundings: readonly Surrounding[];
  /** Copied anew for each execution, as its home folder and an empty folder for temporary files; undefined: the user's own. */
  readonly home: string | undefined;
  readonly traced: boolean;
}

export interface Execution {
  readonly results: Results;
  readonly base: Base;
  readonly slot: string;
  /** The project's copy while the steps worked. */
  readonly copy: string;
  /** Where all of it lies by now. */
  readonly folder: string;
  readonly project: string;
  readonly folderOf: (step: string) => string;
  readonly milliseconds: number;
  /** It was ended, since it took far longer than others: what it would have given is not known. */
  readonly isCutOff: boolean;
}

/** Rows that differ, by step; nothing of steps that are the same. */
export type Differing = ReadonlyMap<string, readonly Row[]>;

export interface Probe {
  readonly execution: Execution;
  readonly reference: Execution;
  readonly differing: Differing;
  /** One of the two was ended, also in a second attempt: nothing is known of it. */
  readonly isCutOff: boolean;
}

export interface Variation {
  readonly surroundings: readonly Surrounding[];
  /** The execution begins with the folders of the project and the user as the reference has left them, or with an empty home. */
  readonly start?: Factor["start"];
}

export interface Laboratory {
  /**
   * One execution, compared with the reference of its base in the same place: in `slot`, or in any. Each step is given what the
   * reference gave it. What is the same is removed again.
   */
  readonly probe: (base: Base, variation: Variation, slot?: string) => Promise<Probe>;
  /** The reference itself, in some place. */
  readonly reference: (base: Base) => Promise<Execution>;
  /** Rows that differ between two executions in the same place, by step. */
  readonly compare: (one: Execution, other: Execution) => Promise<Differing>;
  readonly executions: () => number;
  /** How many of them were cut off. */
  readonly cutOff: () => number;
  readonly close: () => void;
}

/**
 * An execution may take so many times as long as the longest before it, and so many milliseconds at least: the code may wait for
 * ever for what a change has taken away from it.
 */
const patience = { times: 5, least: 20_000 } as const;
/** Milliseconds that a timer holds at most. */
const longestTimer = 2 ** 31 - 1;
/** Executions that are repeated once they were cut off: more of them are none. */
const mostAccidents = 3;

export function openLaboratory(request: LaboratoryRequest): Laboratory {
  const slots = openSlots(request);
  const references = new Map<string, Promise<Execution>>();
  let [count, cutOff, longest] = [0, 0, 0];
  const run = async (base: Base, slot: string, more: More): Promise<Execution> => {
    const keptAs = `kept-${++count}`;
    // How long the first ones take is not known.
    const mostMs = longest > 0 ? Math.max(patience.least, patience.times * longest) : undefined;
    const execution = await executeIn(request, base, slot, { ...more, keptAs, mostMs });
    if (execution.isCutOff) cutOff++;
    else longest = Math.max(longest, execution.milliseconds);
    return execution;
  };
  const referenceIn = async (base: Base, slot: string): Promise<Execution> => {
    const key = `${base.name} ${slot}`;
    const known = references.get(key) ?? run(base, slot, { surroundings: [] });
    references.set(key, known);
    const execution = await known;
    // Who asks next may have more luck.
    if (execution.isCutOff) references.delete(key);
    return execution;
  };
  const compare = (one: Execution, other: Execution): Promise<Differing> =>
    compareExecutions(one, other, request.plan);
  return {
    probe: (base, variation, at) =>
      slots.use(at, async (slot) => {
        const reference = await referenceIn(base, slot);
        const attempt = (): Promise<Execution> => run(base, slot, { ...variation, reference });
        const first = await attempt();
        // It may have been an accident: processes that have missed each other.
        const execution = first.isCutOff && cutOff <= mostAccidents ? await attempt() : first;
        const differing = await compare(reference, execution);
        if (differing.size === 0 && !base.traced)
          rmSync(execution.folder, { recursive: true, force: true });
        const isCutOff = execution.isCutOff || reference.isCutOff;
        return { execution, reference, differing, isCutOff };
      }),
    reference: (base) => slots.use(undefined, (slot) => referenceIn(base, slot)),
    compare,
    executions: () => count,
    cutOff: () => cutOff,
    close: () => rmSync(request.scratch, { recursive: true, force: true }),
  };
}

interface Slots {
  /** Waits for `slot`, or for the one where fewest wait. */
  readonly use: <T>(slot: string | undefined, work: (slot: string) => Promise<T>) => Promise<T>;
}

/** Folders with names of the same length, each for one execution at a time. */
function openSlots({ scratch, jobs }: LaboratoryRequest): Slots {
  const slots = Array.from({ length: jobs }, (_, at) => ({
    folder: path.join(scratch, `place-${at + 1}`),
    waiting: 0,
    last: Promise.resolve() as Promise<unknown>,
  }));
  return {
    async use(wanted, work) {
      const [shortest] = slots.toSorted((a, b) => a.waiting - b.waiting);
      const slot = slots.find(({ folder }) => folder === wanted) ?? shortest;
      if (!slot) throw new Error("a laboratory needs a place");
      slot.waiting++;
      const before = slot.last;
      const done = before.then(() => work(slot.folder));
      slot.last = done.catch(() => {});
      return done.finally(() => void slot.waiting--);
    },
  };
}

interface More extends Variation {
  readonly reference?: Execution;
}

interface Limited extends More {
  readonly keptAs: string;
  /** Undefined: it may take as long as it takes. */
  readonly mostMs: number | undefined;
}

async function executeIn(
  request: LaboratoryRequest,
  base: Base,
  slot: string,
  { surroundings, start, reference, keptAs, mostMs }: Limited,
): Promise<Execution> {
  rmSync(slot, { recursive: true, force: true });
  mkdirSync(slot, { recursive: true, mode: 0o700 });
  const all = [
    ...base.surroundings.filter(
      (one) => !surroundings.some((other) => groupOf(other) === groupOf(one)),
    ),
    ...surroundings,
  ];
  const left = start === "left-behind" ? reference : undefined;
  const home = left ? path.join(left.folder, "home") : base.home;
  const env =
    home === undefined
      ? request.env
      : homeIn(slot, request.env, start === "empty-home" ? undefined : home);
  const worldly = worldOf(all, {
    ...request,
    env: { ...portOf(slot), ...env },
    scratch: slot,
    kept: secretsIn(request.plan),
  });
  const limit =
    mostMs === undefined
      ? undefined
      : AbortSignal.timeout(Math.min(Math.ceil(mostMs), longestTimer));
  const execution = await execute({
    ...request,
    signal: limit ? AbortSignal.any([request.signal, limit]) : request.signal,
    env: worldly.env,
    world: base.traced ? traced(worldly.world) : worldly.world,
    scratch: worldly.scratch,
    project: left?.project ?? request.project,
    // As many executions as may be at once; within each, as the run itself is by default, one step after another.
    jobs: 1,
    ...(reference ? { givenBefore: (step) => path.join(reference.folderOf(step), "out") } : {}),
  });
  const folder = path.join(request.scratch, keptAs);
  renameSync(slot, folder);
  const moved = (place: string): string => path.join(folder, path.relative(slot, place));
  return {
    results: movedResults(execution.results, moved),
    base,
    slot,
    copy: execution.project,
    folder,
    project: moved(execution.project),
    folderOf: (step) => moved(execution.folderOf(step)),
    milliseconds: execution.milliseconds,
    isCutOff: limit?.aborted === true && execution.results.failure !== undefined,
  };
}

/**
 * Where R's clusters meet their workers, one for each place: R draws it from the clock and the generator, and while these are held
 * still executions side by side would meet one another's.
 */
function portOf(slot: string): NodeJS.ProcessEnv {
  const place = Number(/\d+$/u.exec(slot)?.[0] ?? 0);
  return { R_PARALLEL_PORT: String(20_000 + ((process.pid * 16 + place) % 10_000)) };
}

function homeIn(slot: string, env: NodeJS.ProcessEnv, from: string | undefined): NodeJS.ProcessEnv {
  const home = path.join(slot, "home");
  const temporary = path.join(slot, "tmp");
  mkdirSync(temporary, { mode: 0o700 });
  if (from !== undefined && existsSync(from))
    cpSync(from, home, { recursive: true, preserveTimestamps: true });
  else mkdirSync(home, { mode: 0o700 });
  return { ...env, HOME: home, TMPDIR: temporary };
}

function secretsIn(plan: RunPlan): ReadonlySet<string> {
  return new Set(
    plan.actions.flatMap((action) =>
      action.kind === "step" ? action.secrets.map(({ from }) => from) : [],
    ),
  );
}

function movedResults({ failure, steps }: Results, moved: (place: string) => string): Results {
  const move = (output: Output): Output =>
    output.kind === "metric" ? output : { ...output, path: moved(output.path) };
  return {
    failure,
    steps: steps.map((step) => ({ ...step, outputs: step.outputs.map(move) })),
  };
}

/** What the run's contract lets differ does not count, nor what could not be compared, or was cut off. */
async function compareExecutions(
  before: Execution,
  after: Execution,
  { contract }: RunPlan,
): Promise<Differing> {
  if (before.isCutOff || after.isCutOff) return new Map();
  const { rows } = await compareResults(before.results, after.results, contract);
  return Map.groupBy(
    rows.filter(({ verdict, step }) => verdict === "DIFFERENT" && step !== ""),
    ({ step }) => step,
  );
}
