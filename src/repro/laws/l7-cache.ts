/** L7: what comes from the cache is what a fresh execution gives. */
import type { RunEvent } from "../../run/event.ts";
import { copyFor, runFile, wordsFor } from "./front-door.ts";
import { type Breach, type Law, failed, held, interrupted, notChecked } from "./law.ts";
import { OutOfTime } from "./out-of-time.ts";
import { breachBetween, whyNotAlone } from "./own-law.ts";
import { type ParamsRecord, corners } from "./params-arbitrary.ts";
import type { Session } from "./session.ts";

/** Values of the params that are tried besides the usual ones. */
const most = 2;

export const cache: Law = {
  id: "L7",
  title: "cache",
  counted: "case",
  statement: "what comes from the cache is what a fresh execution gives",
  explanation: `mlpipe itself runs the file in a copy of the project: with the usual values, so that the cache has them, then again, which takes all from the cache that it can; then with other values with the cache warm, and with \`--no-cache\`. What the tracker has of each pair must agree as the contract asks for.

Where it does not, a step depends on what its key does not know: a file that is not declared (L5), a variable, the machine (L2), or chance (L1). What to do: declare it, or write \`cache off\` in the step.`,
  async check(session) {
    const alone = whyNotAlone(session);
    if (alone !== undefined) return notChecked(alone);
    if (!(await session.agreement.repeats()))
      return notChecked("the run does not even agree with itself (L1)");
    const values = [session.space.usual, ...corners(session.space).slice(1, 1 + most)];
    const folder = await copyFor(session, "cache");
    let tried = 0;
    let taken = 0;
    try {
      for (const params of values) {
        const { breach, cached } = await tryParams(session, folder, params);
        taken += cached;
        if (breach) return failed(tried + 1, [breach]);
        session.progress("L7", ++tried, values.length);
      }
    } catch (error) {
      if (error instanceof OutOfTime) return interrupted(tried, values.length);
      throw error;
    }
    return taken > 0 ? held(tried) : notChecked("no step of it is kept in the cache");
  },
};

interface Tried {
  readonly breach: Breach | undefined;
  /** Steps that came from the cache. */
  readonly cached: number;
}

/** With the cache as the values before have left it, again, and without it. */
async function tryParams(session: Session, folder: string, params: ParamsRecord): Promise<Tried> {
  const words = wordsFor(session, params);
  const first = await runFile(session, folder, words);
  const again = await runFile(session, folder, words);
  const fresh = await runFile(session, folder, [...words, "--no-cache"]);
  const fix = "declare what the step depends on, or write `cache off` in it";
  for (const [ended, which] of [
    [first, "with a cache that other values have filled"],
    [again, "with a cache that the same values have filled"],
  ] as const) {
    const what = `a run ${which} gives something else than one without it`;
    const breach = await breachBetween(
      session,
      { folder, ended: fresh },
      { folder, ended },
      { params, what, fix },
    );
    if (breach) return { breach, cached: 0 };
  }
  return { breach: undefined, cached: cachedIn(again.events) };
}

export function cachedIn(events: readonly RunEvent[]): number {
  return events.filter(({ kind }) => kind === "step-cached").length;
}
