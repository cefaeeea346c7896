/** How a run is shown while it is performed: live on a terminal, plain lines elsewhere, or JSON events. */
import type { SweepPlan } from "../plan/plan.ts";
import type { Listener, RunEvent } from "../run/event.ts";
import { paintWith } from "../source/paint.ts";
import { type ShownPlan, describeEvent } from "./describe-event.ts";
import { inTurn } from "./in-turn.ts";
import { jsonLine } from "./json.ts";
import { openLiveArea } from "./live/area.ts";
import { type LivePicture, stepsPicture } from "./live/steps.ts";
import { trialsPicture } from "./live/trials.ts";
import { countSavings } from "./savings.ts";
import { sweepDisplay } from "./sweep-display.ts";
import { isLive, put, usesColor, write } from "./terminal.ts";

/** The display that suits where the output goes. */
export function displayFor(
  plan: ShownPlan | SweepPlan,
  { json = false }: { json?: boolean },
): Listener {
  if (json) return (event) => write(jsonLine({ ...event, time: Date.now() }));
  const live = isLive(process.stdout);
  const paint = paintWith(usesColor(process.stdout));
  if ("trials" in plan) {
    const show = sweepDisplay(plan, live);
    return live ? showAbove(trialsPicture(plan, paint), show) : show;
  }
  const show = inTurn(plainDisplay(plan));
  return live ? showAbove(stepsPicture(plan, paint), show) : show;
}

/** As `show`, above a picture of what goes on that is gone at the end. */
function showAbove({ hear, picture }: LivePicture, show: Listener): Listener {
  const end = openLiveArea(picture);
  return (event) => {
    hear(event, Date.now());
    show(event);
    if (event.kind === "run-ended" || event.kind === "sweep-ended") end();
  };
}

function streamOf(event: RunEvent): NodeJS.WriteStream {
  if (event.kind === "output") return event.stream === "stderr" ? process.stderr : process.stdout;
  const isTrouble =
    event.kind === "warning" || (event.kind === "run-ended" && event.outcome.exitCode !== 0);
  return isTrouble ? process.stderr : process.stdout;
}

/**
 * Text of the step itself goes to the stream that it chose, other lines to standard output, failures to standard error.
 * Events and output come by two ways, and either may overtake the other. What a step says while it prints part of a line
 * waits for the rest; its metrics wait for its end, each with its last value, so that the same run is always shown alike.
 */
function plainDisplay(plan: ShownPlan): Listener {
  let midLine = false;
  const savings = countSavings();
  const tell = (event: RunEvent): void => {
    const stream = streamOf(event);
    put(stream, describeEvent(event, plan, usesColor(stream), savings.text()));
  };
  const waiting: RunEvent[] = [];
  const metrics = new Map<string, RunEvent>();
  const release = (): void => {
    for (const event of waiting.splice(0)) tell(event);
  };
  const releaseMetrics = (): void => {
    for (const event of metrics.values()) tell(event);
    metrics.clear();
  };
  return (event) => {
    savings.hear(event);
    if (event.kind === "output") {
      tell(event);
      midLine = event.text === "" ? midLine : !event.text.endsWith("\n");
      if (!midLine) release();
    } else if (event.kind === "metric") metrics.set(event.key, event);
    else if (midLine && !isEnd(event)) waiting.push(event);
    else {
      if (midLine) write("\n");
      midLine = false;
      release();
      if (isEnd(event)) releaseMetrics();
      tell(event);
    }
  };
}

/** After it the step prints nothing more. */
function isEnd({ kind }: RunEvent): boolean {
  return kind === "step-ended" || kind === "step-cached" || kind === "run-ended";
}
