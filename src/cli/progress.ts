/** How a run is shown while it is performed: live on a terminal, plain lines elsewhere, or JSON events. */
import type { RunPlan } from "../plan/plan.ts";
import type { Listener, RunEvent } from "../run/event.ts";
import { describeEvent } from "./describe-event.ts";
import { type StatusLine, openStatusLine } from "./status-line.ts";
import { usesColor, write } from "./terminal.ts";

/** The display that suits where the output goes. */
export function displayFor(plan: RunPlan, { json = false }: { json?: boolean }): Listener {
  if (json) return (event) => write(`${JSON.stringify(event, nonFiniteAsText)}\n`);
  return process.stdout.isTTY ? showLive(plan, openStatusLine()) : showPlain(plan);
}

/** NaN and infinities by name, as MLflow's JSON has them. */
function nonFiniteAsText(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** Text of the step itself goes to the stream that it chose, other lines to standard output, failures to standard error. */
function put(event: RunEvent, plan: RunPlan): void {
  const stream = streamOf(event);
  stream.write(describeEvent(event, plan, usesColor(stream)));
}

function streamOf(event: RunEvent): NodeJS.WriteStream {
  if (event.kind === "output") return event.stream === "stderr" ? process.stderr : process.stdout;
  const isTrouble =
    event.kind === "warning" || (event.kind === "run-ended" && event.outcome.exitCode !== 0);
  return isTrouble ? process.stderr : process.stdout;
}

function showPlain(plan: RunPlan): Listener {
  let midLine = false;
  return (event) => {
    if (midLine && event.kind !== "output") write("\n");
    put(event, plan);
    midLine = event.kind === "output" ? !event.text.endsWith("\n") : false;
  };
}

/** As plain, with one line below that tells what runs and for how long. */
function showLive(plan: RunPlan, line: StatusLine): Listener {
  const plain = showPlain(plan);
  return (event) => {
    line.clear();
    plain(event);
    if (event.kind === "step-started") line.begin(event.step);
    else if (event.kind === "metric") line.note(`${event.key} ${event.value}`);
    else if (event.kind === "step-ended" || event.kind === "run-ended") line.end();
  };
}
