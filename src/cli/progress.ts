/** How a run is shown while it is performed: live on a terminal, plain lines elsewhere, or JSON events. */
import type { SweepPlan } from "../plan/plan.ts";
import type { Listener, RunEvent } from "../run/event.ts";
import { type ShownPlan, describeEvent } from "./describe-event.ts";
import { inTurn } from "./in-turn.ts";
import { jsonLine } from "./json.ts";
import { openStatusLine } from "./status-line.ts";
import { sweepDisplay } from "./sweep-display.ts";
import { isLive, usesColor, write } from "./terminal.ts";

/** The display that suits where the output goes. */
export function displayFor(
  plan: ShownPlan | SweepPlan,
  { json = false }: { json?: boolean },
): Listener {
  if (json) return (event) => write(jsonLine(event));
  if ("trials" in plan) return sweepDisplay(plan);
  return isLive(process.stdout) ? showLive(plan) : inTurn(plainDisplay(plan).show);
}

/** Text of the step itself goes to the stream that it chose, other lines to standard output, failures to standard error. */
function put(event: RunEvent, plan: ShownPlan): void {
  const stream = streamOf(event);
  stream.write(describeEvent(event, plan, usesColor(stream)));
}

function streamOf(event: RunEvent): NodeJS.WriteStream {
  if (event.kind === "output") return event.stream === "stderr" ? process.stderr : process.stdout;
  const isTrouble =
    event.kind === "warning" || (event.kind === "run-ended" && event.outcome.exitCode !== 0);
  return isTrouble ? process.stderr : process.stdout;
}

interface Plain {
  readonly show: Listener;
  /** Whether the step has printed part of a line, which nothing may overwrite. */
  readonly isMidLine: () => boolean;
}

/**
 * Events and output come by two ways, and either may overtake the other. What a step says while it prints part of a line
 * waits for the rest; its metrics wait for its end, each with its last value, so that the same run is always shown alike.
 */
function plainDisplay(plan: ShownPlan): Plain {
  let midLine = false;
  const waiting: RunEvent[] = [];
  const metrics = new Map<string, RunEvent>();
  const release = (): void => {
    for (const event of waiting.splice(0)) put(event, plan);
  };
  const releaseMetrics = (): void => {
    for (const event of metrics.values()) put(event, plan);
    metrics.clear();
  };
  const show = (event: RunEvent): void => {
    if (event.kind === "output") {
      put(event, plan);
      midLine = event.text === "" ? midLine : !event.text.endsWith("\n");
      if (!midLine) release();
    } else if (event.kind === "metric") metrics.set(event.key, event);
    else if (midLine && !isEnd(event)) waiting.push(event);
    else {
      if (midLine) write("\n");
      midLine = false;
      release();
      if (isEnd(event)) releaseMetrics();
      put(event, plan);
    }
  };
  return { show, isMidLine: () => midLine };
}

/** After it the step prints nothing more. */
function isEnd({ kind }: RunEvent): boolean {
  return kind === "step-ended" || kind === "step-cached" || kind === "run-ended";
}

/** As plain, with one line below that tells what runs and for how long. */
function showLive(plan: ShownPlan): Listener {
  const plain = plainDisplay(plan);
  const line = openStatusLine(() => !plain.isMidLine());
  const show = inTurn((event) => {
    line.clear();
    plain.show(event);
  });
  return (event) => {
    show(event);
    if (event.kind === "step-started") line.begin(event.step);
    else if (event.kind === "metric") line.note(`${event.key} ${event.value}`);
    else if (event.kind === "step-ended") line.end(event.step);
    else if (event.kind === "run-ended") line.end();
  };
}
