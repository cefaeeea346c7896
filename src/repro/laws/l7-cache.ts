/** L7: what comes from the cache is what a fresh execution gives. */
import type { RunEvent } from "../../run/event.ts";
import { type Done, type Ended, runFile, wordsFor } from "./front-door.ts";
import { type Breach, type Law, failed, held, interrupted, notChecked } from "./law.ts";
import { OutOfTime } from "./out-of-time.ts";
import { breachBetween, whyNot } from "./own-law.ts";
import { type ParamsRecord, corners } from "./params-arbitrary.ts";
import type { Session } from "./session.ts";

/** Values of the params that are tried besides the usual ones. */
const most = 2;

export const cache: Law = {
  id: "L7",
  title: "cache",
  counted: "case",
  executions: "front-door",
  statement: "what comes from the cache is what a fresh execution gives",
  explanation: `mlpipe itself runs the file in a copy of the project: with the usual values, so that the cache has them, then again, which takes all from the cache that it can; then with other values with the cache warm, and with \`--no-cache\`. What the tracker has of each pair must agree as the contract asks for.

Where it does not, a step depends on what its key does not know: a file that is not declared (L5), a variable, the machine (L2), or chance (L1). What to do: declare it, or write \`cache off\` in the step.`,
  async check(session) {
    const why = await whyNot(session);
    if (why !== undefined) return notChecked(why);
    const others = corners(session.space).slice(1, 1 + most);
    const cases = others.length + 1;
    let tried = 0;
    try {
      const whole = await session.whole();
      const again = await runFile(session, whole.folder, wordsFor(session, session.space.usual));
      const breach = await compare(session, whole, again, session.space.usual);
      if (breach) return failed(1, [breach]);
      if (cachedIn(again.events) === 0) return notChecked("no step of it is kept in the cache");
      session.progress("L7", ++tried, cases);
      for (const params of others) {
        const broken = await tryOther(session, whole, params);
        if (broken) return failed(tried + 1, [broken]);
        session.progress("L7", ++tried, cases);
      }
    } catch (error) {
      if (error instanceof OutOfTime) return interrupted(tried, cases);
      throw error;
    }
    return held(tried);
  },
};

/** With the cache as other values have left it, and without it. */
async function tryOther(
  session: Session,
  { folder }: Done,
  params: ParamsRecord,
): Promise<Breach | undefined> {
  const words = wordsFor(session, params);
  const warm = await runFile(session, folder, words);
  const fresh = await runFile(session, folder, [...words, "--no-cache"]);
  return compare(session, { folder, ended: fresh }, warm, params);
}

async function compare(
  session: Session,
  fresh: Done,
  ended: Ended,
  params: ParamsRecord,
): Promise<Breach | undefined> {
  const { folder } = fresh;
  return breachBetween(
    session,
    fresh,
    { folder, ended },
    {
      params,
      what: "a run with the cache gives something else than one without it",
      fix: "declare what the step depends on, or write `cache off` in it",
    },
  );
}

export function cachedIn(events: readonly RunEvent[]): number {
  return events.filter(({ kind }) => kind === "step-cached").length;
}
