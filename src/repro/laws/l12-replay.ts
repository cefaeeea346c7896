/** L12: a replay can be replayed. */
import type { Replay } from "../replay/replay.ts";
import { firstDifference } from "./first-difference.ts";
import { type Done, mlpipe } from "./front-door.ts";
import { type Breach, type Law, failed, held, notChecked, usualBreach } from "./law.ts";
import { whyNot } from "./own-law.ts";
import type { Session } from "./session.ts";

export const replay: Law = {
  id: "L12",
  title: "replay",
  counted: "replay",
  executions: "front-door",
  statement: "a replay of the run agrees with it, and so does a replay of that replay",
  explanation: `mlpipe itself runs the file in a copy of the project, replays that run by what was recorded of it, and replays the run that the replay has made. Each must agree with the one before.

Where the first does not, the record lacks something that a step depends on: a file that is not declared (L5), a variable, chance (L1). What to do: see \`mlpipe replay\` of a run, which names what has changed and the step it shows in.`,
  async check(session) {
    const why = await whyNot(session);
    if (why !== undefined) return notChecked(why);
    const whole = await session.whole();
    const first = await replayOf(session, whole, whole.ended.runId ?? "", "a replay");
    if ("breach" in first) return failed(1, [first.breach]);
    session.progress("L12", 1, 2);
    const again = await replayOf(session, whole, first.runId, "a replay of a replay");
    return "breach" in again ? failed(2, [again.breach]) : held(2);
  },
};

/** The id of the run that it has made. */
async function replayOf(
  session: Session,
  { folder }: Done,
  runId: string,
  what: string,
): Promise<{ readonly runId: string } | { readonly breach: Breach }> {
  const { code, printed, complaint } = await mlpipe(session, folder, ["replay", runId, "--json"]);
  const fix = "see what mlpipe replay says of a run that is kept";
  const found = readReplay(printed);
  if (!found) {
    const difference = complaint || `exit code ${code}`;
    return { breach: usualBreach(session.space, `${what} cannot be made`, fix, { difference }) };
  }
  if (found.verdict !== "DIFFERENT") return { runId: found.replayId };
  const { comparison } = found;
  const more = { difference: firstDifference(comparison), comparison };
  return { breach: usualBreach(session.space, `${what} gives something else`, fix, more) };
}

function readReplay(printed: string): Replay | undefined {
  try {
    return JSON.parse(printed) as Replay;
  } catch {
    return undefined;
  }
}
