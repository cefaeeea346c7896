/** What happens in a sweep, as lines for people: one for each trial, and what they came to. */
import type { SweepPlan } from "../plan/plan.ts";
import type { RunEvent, SweepCounts } from "../run/event.ts";
import { counted } from "../source/figures.ts";
import type { Paint } from "../source/paint.ts";
import { harmless } from "../source/width.ts";
import { seconds, trouble } from "./describe-event.ts";

type Of<Kind extends RunEvent["kind"]> = Extract<RunEvent, { kind: Kind }>;

/** Names of the params that are not the same in all trials, in the order in which they vary. */
function variedParams({ trials }: Pick<SweepPlan, "trials">): readonly string[] {
  const [first] = trials;
  return Object.keys(first?.params ?? {}).filter((name) =>
    trials.some(({ params }) => params[name] !== first?.params[name]),
  );
}

/** `cp = 0.01, maxdepth = 4` */
export function variedTexts(
  params: Readonly<Record<string, string>>,
  plan: Pick<SweepPlan, "trials">,
): string {
  return variedParams(plan)
    .flatMap((name) => (params[name] === undefined ? [] : [`${name} = ${harmless(params[name])}`]))
    .join(", ");
}

/** Trials that more than this many metrics are logged by show these many. */
const shownMetrics = 3;

export function describeStart(event: Of<"sweep-started">, paint: Paint): string {
  const { sweep, runId, experiment, trials, known, resumed } = event;
  const head = `${paint("strong", harmless(sweep))}  run ${runId} in ${harmless(experiment)}`;
  if (!resumed) return `${head}, ${counted(trials, "trial")}`;
  return `${head}, gone on with: ${known} of ${counted(trials, "trial")} done before`;
}

/** `tidy_grid/03  cp = 0.01, maxdepth = 4  accuracy = 0.93  0.31 s  best so far` */
export function describeTrial(
  event: Of<"trial-ended">,
  params: Readonly<Record<string, string>>,
  plan: SweepPlan,
  paint: Paint,
): string {
  const { trial, outcome, metrics, isBest, milliseconds, runId } = event;
  const isGood = outcome.status === "FINISHED";
  const parts = [
    trial,
    variedTexts(params, plan),
    ...(isGood ? [metricsOf(metrics, plan)] : [paint("error", outcome.status)]),
    seconds(milliseconds),
    ...(isBest ? [paint("fix", "best so far")] : []),
    ...(isGood || runId === undefined ? [] : [`run ${runId}`]),
  ];
  const line = parts.filter((part) => part !== "").join("  ");
  return outcome.failure ? `${line}\n${trouble("error", outcome.failure, paint)}` : line;
}

/** By which the trials are ranked; without such, the first few. */
export function metricsOf(
  metrics: Readonly<Record<string, number>>,
  { bestBy }: Pick<SweepPlan, "bestBy">,
  textOf: (value: number) => string = String,
): string {
  const keys =
    bestBy.length > 0
      ? bestBy.map(({ metric }) => metric)
      : Object.keys(metrics).slice(0, shownMetrics);
  return keys
    .flatMap((key) =>
      metrics[key] === undefined ? [] : [`${harmless(key)} = ${textOf(metrics[key])}`],
    )
    .join(", ");
}

/** `saved` is told behind all. */
export function describeEnd(
  event: Of<"sweep-ended">,
  plan: SweepPlan,
  saved: string,
  paint: Paint,
): string {
  const { outcome, counts, best, milliseconds, runId } = event;
  const { status, failure } = outcome;
  const bestLines = best
    ? [
        [
          paint("strong", "best"),
          best.trial,
          variedTexts(best.params, plan),
          metricsOf(best.metrics, plan),
          `run ${best.runId}`,
        ].join("  "),
      ]
    : [];
  const what = runId === undefined ? "nothing was logged" : `run ${runId}`;
  const isGood = status === "FINISHED";
  return [
    ...bestLines,
    ...(failure ? [trouble("error", failure, paint)] : []),
    `${paint(isGood ? "fix" : "error", status)} in ${seconds(milliseconds)}  ${what}${sums(counts)}${saved}`,
    ...(isGood && counts.failed + counts.knownFailed > 0
      ? [
          `  to run the trials that failed again: mlpipe run ${plan.file} ${plan.sweep} --failed-only`,
        ]
      : []),
  ].join("\n");
}

/** `: 18 finished, 2 failed, 5 done before` */
function sums({ finished, failed, killed, known, knownFailed }: SweepCounts): string {
  const parts = [
    [finished, "finished"],
    [failed, "failed"],
    [killed, "killed"],
    [known - knownFailed, "done before"],
    [knownFailed, "failed before"],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return said.length > 0 ? `: ${said.join(", ")}` : "";
}
