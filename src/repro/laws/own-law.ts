/** What laws about mlpipe itself share: two runs of it that must have come to the same. */

import type { Done } from "./front-door.ts";
import { firstDifference } from "./first-difference.ts";
import { type Breach, usualBreach } from "./law.ts";
import type { ParamsRecord } from "./params-arbitrary.ts";
import { recordedResults } from "./recorded-results.ts";
import { type Session, differenceOf, unusualIn } from "./session.ts";

/** Undefined: both have come to the same. `what`: how the second was made, a clause. */
export async function breachBetween(
  session: Session,
  before: Done,
  after: Done,
  {
    params = session.space.usual,
    what,
    fix,
  }: { readonly params?: ParamsRecord; readonly what: string; readonly fix: string },
): Promise<Breach | undefined> {
  const found = await between(session, before, after);
  const unusual = unusualIn(session.space, params);
  return found && usualBreach(session.space, what, fix, { ...found, params, unusual });
}

async function between(
  session: Session,
  before: Done,
  after: Done,
): Promise<Pick<Breach, "difference" | "comparison"> | undefined> {
  const { code, complaint, runId } = after.ended;
  if (before.ended.code !== code) {
    const difference = `exit code ${before.ended.code} → ${code}  ${complaint}`.trim();
    return { difference, comparison: undefined };
  }
  if (before.ended.runId === undefined || runId === undefined) return undefined;
  const comparison = await differenceOf(
    await recordedResults(session, before.folder, before.ended.runId),
    await recordedResults(session, after.folder, runId),
    session.run,
  );
  return comparison && { difference: firstDifference(comparison), comparison };
}

/** Why mlpipe itself cannot be tried with the run; undefined: it can. Rejects with OutOfTime. */
export async function whyNot(session: Session): Promise<string | undefined> {
  const alone = whyNotAlone(session);
  if (alone !== undefined) return alone;
  if (!(await session.agreement.repeats())) return "the run does not even agree with itself (L1)";
  const { ended } = await session.whole();
  return ended.code === 0 ? undefined : `\`mlpipe run\` fails: ${ended.complaint}`;
}

/** It must be able to run in a copy of its project. */
function whyNotAlone({ run, env }: Session): string | undefined {
  const kinds = run.steps.flatMap(({ inputs }) => inputs.map(({ from }) => from.kind));
  if (kinds.some((kind) => kind === "run" || kind === "run-id" || kind === "best"))
    return "an input comes from another run, which a copy of the project does not have";
  const secret = run.steps.flatMap(({ secrets }) => secrets).find(({ from }) => !env[from]);
  return secret && `the secret ${secret.from} is not set`;
}
