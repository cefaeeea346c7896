/** L3: what can be set does something. */
import fc from "fast-check";
import type { Param, Value } from "../../check/program.ts";
import { withPlain } from "./changed.ts";
import {
  type Breach,
  type Law,
  failed,
  held,
  interrupted,
  notChecked,
  usualBreach,
} from "./law.ts";
import { OutOfTime } from "./out-of-time.ts";
import { type ParamsRecord, isFree, keeps, paramsArbitrary, valuesIn } from "./params-arbitrary.ts";
import { type Reading, readingOf } from "./read-params.ts";
import { type Session, differenceOf, planOf } from "./session.ts";

/** Values of the other params with which a param is tried once its ends have done nothing. */
const searches = 4;

export const paramsLive: Law = {
  id: "L3",
  title: "params live",
  counted: "param",
  executions: "own",
  statement: "every declared param is read, and has an effect somewhere in its domain",
  explanation: `Each param is moved to both ends of its domain, then to values between them together with other values of the other params, until some output changes. A param that never changes one, and that no step reads, is dead: an error. One that is read and yet changes nothing is inert: a warning, for its effect may lie where nobody looked.

Dead params come from code that reads its arguments otherwise than they are passed, such as a script of {mlflow} that is started by \`Rscript train.R -P cp={cp}\`: it trains with its own defaults, and the tracker shows the values that were asked for. What to do: use the variable of that name, which every step has, or take the param out.`,
  async check(session) {
    const free = session.space.params.filter((param) => isFree(param, session.space));
    if (free.length === 0) return notChecked("there is no param that could be changed");
    if (!(await session.agreement.repeats()))
      return notChecked("the run does not even agree with itself (L1)");
    const found: Liveness[] = [];
    for (const param of free) {
      const liveness = await tryParam(session, param);
      if (liveness === undefined) break;
      found.push(liveness);
      session.progress("L3", found.length, free.length);
    }
    const dead = found.filter(({ reading }) => reading && !reading.isRead);
    if (dead.length > 0)
      return failed(
        found.length,
        dead.map((one) => breachOf(session, one)),
      );
    if (found.length < free.length) return interrupted(found.length, free.length);
    const inert = found.filter(({ isLive }) => !isLive);
    return held(found.length, { warnings: inert.map(warningOf) });
  },
};

interface Liveness {
  readonly param: Param;
  readonly isLive: boolean;
  /** Undefined where it is live. */
  readonly reading: Reading | undefined;
  readonly tried: number;
}

/** Undefined where there was no time. */
async function tryParam(session: Session, param: Param): Promise<Liveness | undefined> {
  let tried = 0;
  try {
    for (const [before, after] of pairsFor(session, param)) {
      tried++;
      if (await hasEffect(session, before, after))
        return { param, isLive: true, reading: undefined, tried };
    }
    return { param, isLive: false, reading: await readingOf(session, param.name), tried };
  } catch (error) {
    if (error instanceof OutOfTime) return undefined;
    throw error;
  }
}

/** Pairs of values that differ in `param` alone. */
function* pairsFor(
  { space, seed }: Session,
  param: Param,
): Generator<readonly [ParamsRecord, ParamsRecord]> {
  const { name } = param;
  const values = valuesIn(param, space)?.values;
  const ends = values ? [values[0] ?? null, values.at(-1) ?? null] : [];
  const drawn = fc.sample(paramsArbitrary(space), { seed, numRuns: 40 });
  const others = [...ends, ...drawn.map((params) => params[name] ?? null)];
  for (const value of distinct(others, space.usual[name] ?? null).slice(0, searches)) {
    const after = { ...space.usual, [name]: value };
    if (keeps(space, after)) yield [space.usual, after];
  }
  let left = searches;
  for (const before of drawn) {
    const [value] = distinct(others, before[name] ?? null);
    const after = { ...before, [name]: value ?? null };
    if (value === undefined || !keeps(space, after) || left-- <= 0) continue;
    yield [before, after];
  }
}

function distinct(values: readonly Value[], from: Value): readonly Value[] {
  return [...new Set(values)].filter((value) => !Object.is(value, from));
}

async function hasEffect(
  session: Session,
  before: ParamsRecord,
  after: ParamsRecord,
): Promise<boolean> {
  return withPlain(session, before, async (plain) => {
    const other = session.executor.execute(planOf(session, after));
    const [a, b] = await Promise.all([plain, other]);
    const comparison = await differenceOf(a.results, b.results, strictly(session));
    await b.remove();
    return comparison !== undefined;
  });
}

/** Only what is ignored may differ. */
function strictly({ run: { contract } }: Session): Pick<Session["run"], "contract"> {
  if (!contract) return { contract: undefined };
  const ignored = Object.entries(contract.tolerances).filter(([, { kind }]) => kind === "ignored");
  return { contract: { ...contract, tolerances: Object.fromEntries(ignored) } };
}

function breachOf({ space }: Session, { param: { name }, reading, tried }: Liveness): Breach {
  const isAsked = reading?.asksCommandLine === true;
  const how = isAsked ? "what the code reads of the command line does nothing" : "no step reads it";
  const fix = isAsked
    ? `on the command line it stands as --${name} <value>; or use the variable \`${name}\`, which the code has`
    : `use the variable \`${name}\`, which the code has, or take the param out`;
  const same = `${countOf(tried)} in which only it differs are the same`;
  return usualBreach(space, `\`${name}\` is dead: ${how}, and ${same}`, fix);
}

function countOf(pairs: number): string {
  return pairs === 1 ? "a pair of executions" : `${pairs} pairs of executions`;
}

function warningOf({ param: { name }, tried }: Liveness): string {
  return `\`${name}\` is inert: it is read, and ${countOf(tried)} in which only it differs are the same`;
}
