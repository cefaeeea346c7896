/** How a sweep is shown while it is performed: a line for each trial that ends, and on a terminal one for those that run. */
import type { SweepPlan } from "../plan/plan.ts";
import type { Listener, RunEvent } from "../run/event.ts";
import { paintWith } from "../source/paint.ts";
import { describeEvent } from "./describe-event.ts";
import { describeEnd, describeStart, describeTrial } from "./describe-sweep.ts";
import { openStatusLine } from "./status-line.ts";
import { isLive, usesColor } from "./terminal.ts";

/** What the steps of trials print is in their logs, and not shown. */
export function sweepDisplay(plan: SweepPlan): Listener {
  const params = new Map<string, Readonly<Record<string, string>>>();
  const line = isLive(process.stdout) ? openStatusLine(() => true) : undefined;
  let ended = 0;
  return (event) => {
    if (event.kind === "trial-started") {
      params.set(event.trial, event.params);
      line?.begin(event.trial);
      return;
    }
    const stream = streamOf(event);
    const text = describe(event, plan, params, usesColor(stream));
    if (text !== "") {
      line?.clear();
      stream.write(`${text}\n`);
    }
    if (event.kind === "sweep-started") ended = event.known;
    if (event.kind === "trial-ended") {
      params.delete(event.trial);
      ended++;
      line?.end(event.trial);
      line?.note(`${ended} of ${plan.trials.length}`);
    }
    if (event.kind === "sweep-ended") line?.end();
  };
}

function streamOf(event: RunEvent): NodeJS.WriteStream {
  const isTrouble =
    event.kind === "warning" ||
    ((event.kind === "sweep-ended" || event.kind === "trial-ended") &&
      event.outcome.exitCode !== 0);
  return isTrouble ? process.stderr : process.stdout;
}

function describe(
  event: RunEvent,
  plan: SweepPlan,
  params: ReadonlyMap<string, Readonly<Record<string, string>>>,
  color: boolean,
): string {
  const paint = paintWith(color);
  switch (event.kind) {
    case "sweep-started":
      return describeStart(event, paint);
    case "trial-ended":
      return describeTrial(event, params.get(event.trial) ?? {}, plan, paint);
    case "sweep-ended":
      return describeEnd(event, plan, paint);
    case "trial-event":
      return "";
    default:
      return describeEvent(event, { actions: [] }, color).trimEnd();
  }
}
