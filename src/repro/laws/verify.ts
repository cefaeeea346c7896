/** Verifies a run: every law that is asked for, within one budget, and what has come of it as data. */
import path from "node:path";
import type { Program, Run, Value } from "../../check/program.ts";
import type { Failure } from "../../run/event.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { type Agreement, openAgreement } from "./agreement.ts";
import { allLaws } from "./all-laws.ts";
import { type Executor, type Kept, openExecutor } from "./executor.ts";
import { type Done, runWhole, wordsFor } from "./front-door.ts";
import { inScratch } from "../scratch.ts";
import { type Host, hostFor, unlessAborted } from "./host.ts";
import { type Law, type LawId, type LawOutcome, interrupted } from "./law.ts";
import { OutOfTime } from "./out-of-time.ts";
import type { ParamSpace } from "./params-arbitrary.ts";
import { type Session, planOf } from "./session.ts";
import { spaceOf } from "./space.ts";

export interface VerifyRequest {
  readonly program: Program;
  readonly run: Run;
  /** The file as its user names it. */
  readonly shown: string;
  /** The project's folder; only read. */
  readonly project: string;
  /** A value for each param of the run, checked. */
  readonly params: Readonly<Record<string, Value>>;
  /** Names of params that keep their value. */
  readonly fixed: readonly string[];
  readonly laws: readonly LawId[];
  /** The only one whose files are looked at (L5); undefined: those of all. */
  readonly step: string | undefined;
  readonly budgetMs: number;
  /** How many values of the params are tried at most. */
  readonly cases: number;
  readonly seed: number;
  /** Repeats one case of the seed; undefined: all. */
  readonly path: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Command and first arguments that start mlpipe itself. */
  readonly command: readonly string[];
  /** Has the runs that inputs come from; undefined where none do. */
  readonly origin: Tracking | undefined;
  /** Hears how far it has come. */
  readonly listener: (progress: Progress) => void;
}

export interface Progress {
  readonly law: LawId;
  readonly cases: number;
  readonly of: number;
  readonly executions: number;
}

export interface VerifiedLaw {
  readonly law: LawId;
  readonly title: string;
  /** What its cases are. */
  readonly counted: string;
  readonly outcome: LawOutcome;
}

/** Can be written as JSON. */
export interface Verification {
  readonly file: string;
  readonly run: string;
  /** The words that verify the same again; `--law` and `--replay` may be put behind. */
  readonly command: readonly string[];
  readonly seed: number;
  readonly budgetMs: number;
  readonly milliseconds: number;
  readonly executions: number;
  /** Why the run cannot be executed with its usual values; then no law was checked. */
  readonly failure: Failure | undefined;
  readonly laws: readonly VerifiedLaw[];
  /** What this machine could not change; `why`: a clause. */
  readonly unchanged: readonly { readonly changes: string; readonly why: string }[];
}

/** Rejects with the file system's errors. */
export async function verify(request: VerifyRequest): Promise<Verification> {
  const began = performance.now();
  return inScratch("verify", (scratch) => verifyIn(scratch, began, request));
}

async function verifyIn(
  scratch: string,
  began: number,
  request: VerifyRequest,
): Promise<Verification> {
  const { program, run, seed, budgetMs } = request;
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(budgetMs)]);
  const host = await unlessAborted(hostFor(request.env), signal);
  const checked = host
    ? await checkOn(host, { ...request, signal, scratch })
    : { executions: 0, failure: undefined, laws: undecidedLaws(request.laws), unchanged: [] };
  return {
    file: program.file,
    run: run.name,
    command: commandFor(request),
    seed,
    budgetMs,
    milliseconds: performance.now() - began,
    ...checked,
  };
}

type Checked = Pick<Verification, "executions" | "failure" | "laws" | "unchanged">;

async function checkOn(
  host: Host,
  request: VerifyRequest & Pick<SessionParts, "scratch">,
): Promise<Checked> {
  const runs = path.join(request.scratch, "runs");
  let last: Place = { law: request.laws[0] ?? "L1", cases: 0, of: request.cases };
  const tell = (): void => request.listener({ ...last, executions: executor.count() });
  const executor = openExecutor({ ...request, ...host, scratch: runs, begun: tell });
  const reached = (place: Place): void => {
    last = place;
    tell();
  };
  const session = openSession({ ...request, ...host, executor, reached });
  const { failure, laws } = await checkLaws(session, request.laws);
  return { executions: executor.count(), failure, laws, unchanged: host.unchanged };
}

function undecidedLaws(ids: readonly LawId[]): readonly VerifiedLaw[] {
  return allLaws
    .filter(({ id }) => ids.includes(id))
    .map(({ id, title, counted }) => ({ law: id, title, counted, outcome: interrupted(0, 1) }));
}

function commandFor({ shown, run, params, fixed }: VerifyRequest): readonly string[] {
  const given = run.params.filter(({ name }) => fixed.includes(name));
  return ["mlpipe", "verify", shown, run.name, ...wordsFor({ run: { params: given } }, params)];
}

/** How far a law has come. */
type Place = Omit<Progress, "executions">;

interface SessionParts extends VerifyRequest, Host {
  readonly executor: Executor;
  readonly reached: (place: Place) => void;
  readonly scratch: string;
}

function openSession(parts: SessionParts): Session {
  const { program, run, executor, reached } = parts;
  const space: ParamSpace = spaceOf(program, run, parts.params, parts.fixed);
  let base: Promise<Kept> | undefined;
  let seen: Promise<Kept> | undefined;
  let whole: Promise<Done> | undefined;
  let agreement: Agreement | undefined;
  const session: Session = {
    ...parts,
    space,
    base: () => (base ??= executor.execute(planOf(session, space.usual), { place: "one" })),
    traced: () => (seen ??= executor.execute(planOf(session, space.usual), { isTraced: true })),
    whole: () => (whole ??= runWhole(session)),
    get agreement() {
      return (agreement ??= openAgreement(session));
    },
    progress: (law, cases, of) => reached({ law, cases, of }),
  };
  return session;
}

async function checkLaws(
  session: Session,
  asked: readonly LawId[],
): Promise<Pick<Verification, "failure" | "laws">> {
  const failure = await failureOf(session);
  if (failure) return { failure, laws: [] };
  const chosen = allLaws.filter(({ id }) => asked.includes(id));
  const those = (executions: Law["executions"]): readonly Law[] =>
    chosen.filter((law) => law.executions === executions);
  const shared = those("shared");
  const outcomes = new Map<LawId, LawOutcome>();
  const check = async (law: Law): Promise<void> => {
    outcomes.set(law.id, await outcomeOf(law, session));
  };
  if (shared.length > 0) await session.agreement.begin();
  for (const law of those("own")) await check(law);
  await inLanes(those("front-door"), check);
  for (const law of shared) await check(law);
  const laws = chosen.flatMap(({ id, title, counted }) => {
    const outcome = outcomes.get(id);
    return outcome ? [{ law: id, title, counted, outcome }] : [];
  });
  return { failure: undefined, laws };
}

/** Two at once. */
async function inLanes(laws: readonly Law[], check: (law: Law) => Promise<void>): Promise<void> {
  const waiting = [...laws];
  const lane = async (): Promise<void> => {
    for (let law = waiting.shift(); law; law = waiting.shift()) await check(law);
  };
  await Promise.all([lane(), lane()]);
}

/** Undefined too where there was no time to see it. */
async function failureOf(session: Session): Promise<Failure | undefined> {
  try {
    return (await session.base()).results.failure;
  } catch (error) {
    if (error instanceof OutOfTime) return undefined;
    throw error;
  }
}

async function outcomeOf(law: Law, session: Session): Promise<LawOutcome> {
  session.progress(law.id, 0, 1);
  try {
    return await law.check(session);
  } catch (error) {
    if (error instanceof OutOfTime) return interrupted(0, 1);
    throw error;
  }
}
