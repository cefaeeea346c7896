/** What happens in a run, as lines for people. */
import type { RunPlan } from "../plan/plan.ts";
import type { Failure, RunEvent } from "../run/event.ts";
import { type Paint, paintWith } from "../source/paint.ts";
import { harmless } from "../source/width.ts";
import { sizeText } from "../source/figures.ts";
import { scoreText } from "../run/manifest/score.ts";

/** What a display asks of a plan; a project of MLflow's has no actions. */
export type ShownPlan = Pick<RunPlan, "actions">;

/** The text of one event; empty where there is nothing to say. `saved` is told behind the run's end. */
export function describeEvent(
  event: RunEvent,
  plan: ShownPlan,
  color: boolean,
  saved = "",
): string {
  const text = lines(event, plan, paintWith(color)) + (event.kind === "run-ended" ? saved : "");
  return event.kind === "output" || text === "" ? text : `${text}\n`;
}

function lines(event: RunEvent, plan: ShownPlan, paint: Paint): string {
  switch (event.kind) {
    case "run-created":
      return `${paint("strong", event.name)}  run ${event.runId} in ${event.experiment}`;
    case "run-resumed":
      return `${paint("strong", event.name)}  run ${event.runId} in ${event.experiment}, gone on with`;
    case "run-adopted":
      return `${paint("strong", event.name)}  run ${event.runId}, started by MLflow`;
    case "params":
      return paramsLine(event.params);
    case "input":
      return `  ${event.variable} from run ${event.runId} (${shown(event.why)})`;
    case "step-started":
      return `${paint("gutter", "step")}  ${event.step}  ${event.runtime}, ${event.place}`;
    case "output":
      return event.text;
    case "output-cut":
      return `(${event.droppedBytes} bytes of output are not kept)`;
    case "metric":
      return event.at !== 0 || isSeries(event.key, plan) ? "" : `  ${event.key} = ${event.value}`;
    case "artifact":
      return `  ${event.path}`;
    case "model":
      return `  ${event.path}/  model`;
    case "registered":
      return `  ${event.model} is ${event.name} version ${event.version}${event.alias === undefined ? "" : `, ${event.alias}`}`;
    case "warning":
      return trouble("warning", event.failure, paint);
    case "step-ended":
      return `${paint("gutter", event.ok ? "done" : "failed")}  ${event.step}  ${seconds(event.milliseconds)}${memory(event.peakBytes)}`;
    case "step-kept":
      return `${paint("gutter", "kept")}  ${event.step}, done before`;
    case "step-cancelled":
      return `${paint("gutter", "left out")}  ${event.step}, which needs ${event.because}`;
    case "step-cached":
      return `${paint("gutter", "cached")}  ${event.step}  from run ${event.from}, saved ${seconds(event.savedMilliseconds)}`;
    case "expectation":
      return event.held ? `  expect ${event.text}  holds` : "";
    case "replayability":
      return (
        paint("warning", "replayable") + shown(scoreText(event.lacks).replace(/^replayable/, ""))
      );
    case "run-ended":
      return ending(event, paint);
    case "sweep-started":
    case "trial-started":
    case "trial-kept":
    case "trial-event":
    case "trial-ended":
    case "sweep-ended":
      return "";
    default:
      return event satisfies never;
  }
}

function paramsLine(params: Readonly<Record<string, string>>): string {
  const texts = Object.entries(params).map(([name, value]) => `${name} = ${value}`);
  return texts.length > 0 ? `  ${texts.join(", ")}` : "";
}

/** A metric over epochs is not shown point by point. */
function isSeries(key: string, plan: ShownPlan): boolean {
  return plan.actions.some(
    (action) =>
      action.kind === "step" && action.metrics.some((metric) => metric.key === key && metric.over),
  );
}

function shown(text: string): string {
  return text.split("\n").map(harmless).join("\n");
}

/** As the report words a finding: place, kind, code, message; the fix below. The code's own words steer no terminal. */
export function trouble(
  kind: "error" | "warning",
  { code, message, fix, place }: Failure,
  paint: Paint,
): string {
  const head = `${place ? `${shown(place)}  ` : ""}${paint(kind, kind)} ${code}  ${shown(message)}`;
  return fix ? `${head}\n  ${paint("fix", "fix:")} ${shown(fix)}` : head;
}

function ending(event: Extract<RunEvent, { kind: "run-ended" }>, paint: Paint): string {
  const { status, failure } = event.outcome;
  const isGood = status === "FINISHED";
  const what = event.runId === undefined ? "nothing was logged" : `run ${event.runId}`;
  const last = `${paint(isGood ? "fix" : "error", event.runId === undefined ? "FAILED" : status)} in ${seconds(event.milliseconds)}  ${what}`;
  return failure ? `${trouble("error", failure, paint)}\n${last}` : last;
}

function memory(bytes: number | undefined): string {
  return bytes === undefined ? "" : `  ${sizeText(bytes)}`;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}
