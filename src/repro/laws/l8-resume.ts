/** L8: a run that was killed and gone on with is as one that was not. */
import { generate } from "../../plan/random.ts";
import { openTracking } from "../../tracking/open.ts";
import { type Done, type Ended, copyFor, runFile, wordsFor } from "./front-door.ts";
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
import { breachBetween, whyNot } from "./own-law.ts";
import type { Session } from "./session.ts";
import { untilQuiet } from "./until-quiet.ts";

/** Moments at which it is killed. */
const moments = 3;

export const resume: Law = {
  id: "L8",
  title: "resume",
  counted: "kill",
  executions: "front-door",
  statement: "killed at any moment and gone on with, a run gives what it gives uninterrupted",
  explanation: `mlpipe itself runs the file in a copy of the project; there it is killed (SIGKILL) after so many of its events, drawn from the seed, and started again with \`--resume\`. The run must keep its id, come to its end, and give what an uninterrupted one gives.

Where it does not, a step adds to something that was there already: a file that it appends to, a database. What to do: let a step write its files anew, and declare them.`,
  async check(session) {
    const why = await whyNot(session);
    if (why !== undefined) return notChecked(why);
    const words = [...wordsFor(session, session.space.usual), "--no-cache"];
    let tried = 0;
    try {
      const whole = await session.whole();
      for (const lines of drawMoments(session, whole.ended.events.length)) {
        const breach = await tryMoment(session, whole, lines, words);
        if (breach) return failed(tried + 1, [breach]);
        session.progress("L8", ++tried, moments);
      }
    } catch (error) {
      if (error instanceof OutOfTime) return interrupted(tried, moments);
      throw error;
    }
    return held(tried);
  },
};

/** Spread over the whole run; its first event is that it is there. */
function drawMoments({ seed }: Session, events: number): readonly number[] {
  const draw = generate(seed);
  const share = Math.max(1, (events - 1) / moments);
  return Array.from({ length: moments }, (_, at) =>
    Math.min(events, 1 + Math.floor(share * (at + draw()))),
  );
}

async function tryMoment(
  session: Session,
  whole: Done,
  lines: number,
  words: readonly string[],
): Promise<Breach | undefined> {
  const folder = await copyFor(session, `killed-${lines}`);
  const killed = await runFile(session, folder, words, lines);
  await untilQuiet(folder);
  const ended = (await isOver(killed, folder))
    ? { ...killed, code: 0 }
    : await runFile(session, folder, [...words, "--resume"]);
  const fix = "let each step write what it gives anew, and declare it";
  const when = `killed after event ${lines} of ${whole.ended.events.length} and gone on with`;
  const what = `${when}, the run gives something else`;
  const breach = await breachBetween(session, whole, { folder, ended }, { what, fix });
  if (breach || killed.runId === undefined || ended.runId === killed.runId) return breach;
  const difference = `run ${killed.runId} → ${ended.runId}`;
  return usualBreach(session.space, `${when}, it is another run`, fix, { difference });
}

/** It had come to its end in the tracker before it was killed: there is nothing to go on with. */
async function isOver({ runId }: Ended, folder: string): Promise<boolean> {
  if (runId === undefined) return false;
  const tracking = await openTracking(undefined, { folder, environment: {} });
  try {
    const { run } = await tracking.call("runs/get", { run_id: runId });
    return run.info.status === "FINISHED";
  } finally {
    await tracking.close();
  }
}
