/** A comparison as the data of its HTML report, with the courses of metrics that have more than one step. */
import type { ComparedRun } from "../../run/ranking/compared-run.ts";
import type { ReportColumn, ReportCurves, ReportData } from "../../report/report-data.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { emptyNames } from "./comparison-table.ts";
import { type Comparison, columnNames, labelsOf, namesIn } from "./comparison.ts";
import { readHistory } from "../../tracking/pages.ts";
import { linksOf } from "./run-links.ts";
import { explainVerdict } from "./verdict.ts";

/** Each curve is a call of the tracker: more runs, metrics and points than these are not read, or not drawn. */
const most = { runs: 60, metrics: 8, points: 400, calls: 8 } as const;

/** `now` in milliseconds since 1970. Rejects with TrackingError. */
export async function reportData(
  comparison: Comparison,
  tracking: Tracking,
  now: number,
): Promise<ReportData> {
  const { plan, runs, verdict } = comparison;
  const labels = labelsOf(runs);
  const links = await linksOf(tracking);
  const curves = await readCurves(runs, tracking);
  return {
    title: plan.compare,
    about: aboutText(comparison),
    made: now,
    ...(verdict && {
      best: { run: runs.indexOf(verdict.winner), why: explainVerdict(verdict, labels) },
    }),
    notes: [
      ...emptyNames(comparison).map((note) => note.replace(/^./, (first) => first.toUpperCase())),
      ...(curves.length > 0 && runs.length > most.runs
        ? [`The metrics over their steps are those of the first ${most.runs} runs.`]
        : []),
    ],
    bestBy: plan.bestBy,
    runs: runs.map((run) => {
      const { place, ...addresses } = links(run);
      return {
        label: labels.get(run.id) ?? run.id,
        id: run.id,
        of: run.of,
        started: run.started,
        took: run.ended === undefined ? undefined : run.ended - run.started,
        artifacts: place,
        links: addresses,
      };
    }),
    columns: columnsOf(comparison),
    curves,
  };
}

function aboutText({ plan, tracker }: Comparison): ReportData["about"] {
  const goals = plan.bestBy.map(({ metric, goal }) => `${metric} (${goal})`);
  return [
    { name: "runs of", text: plan.candidates.map(({ name }) => name).join(", ") },
    { name: "where", text: plan.where.map(({ text }) => text).join(" and ") },
    { name: "best by", text: goals.join(", then ") },
    { name: "file", text: plan.file },
    { name: "tracked at", text: tracker },
  ].filter(({ text }) => text !== "");
}

function columnsOf(comparison: Comparison): readonly ReportColumn[] {
  const { runs } = comparison;
  const shown = columnNames(comparison);
  const place = (name: string): number => (shown.includes(name) ? shown.indexOf(name) : Infinity);
  const sorted = (names: readonly string[]): readonly string[] =>
    names.toSorted((a, b) => place(a) - place(b) || 0);
  const params = sorted(namesIn(runs, (run) => run.params)).map((name): ReportColumn => ({
    name,
    kind: "param",
    shown: shown.includes(name),
    values: paramValues(runs.map((run) => run.params.get(name))),
  }));
  const metrics = sorted(namesIn(runs, (run) => run.metrics)).map((name): ReportColumn => ({
    name,
    kind: "metric",
    shown: shown.includes(name),
    values: runs.map((run) => run.metrics.get(name) ?? null),
  }));
  return [...params, ...metrics];
}

/** Numbers where all texts are such. */
function paramValues(texts: readonly (string | undefined)[]): ReportColumn["values"] {
  const isNumber = (text: string | undefined): boolean =>
    text === undefined || /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text);
  return texts.every(isNumber)
    ? texts.map((text) => (text === undefined ? null : Number(text)))
    : texts.map((text) => text ?? null);
}

async function readCurves(
  runs: readonly ComparedRun[],
  tracking: Tracking,
): Promise<readonly ReportCurves[]> {
  const first = runs.slice(0, most.runs);
  const metrics = namesIn(first, ({ steps }) => steps).slice(0, most.metrics);
  const curves: ReportCurves[] = [];
  for (const metric of metrics) {
    const series: ReportCurves["series"][number][] = [];
    const having = first.flatMap((run, at) => (run.steps.has(metric) ? [{ run, at }] : []));
    for (let start = 0; start < having.length; start += most.calls)
      series.push(
        ...(await Promise.all(
          having
            .slice(start, start + most.calls)
            .map(({ run, at }) => readSeries(tracking, run, at, metric)),
        )),
      );
    if (series.some(({ steps }) => new Set(steps).size > 1)) curves.push({ metric, series });
  }
  return curves;
}

/** At most so many points, evenly chosen, the last one among them. */
async function readSeries(
  tracking: Tracking,
  run: ComparedRun,
  at: number,
  metric: string,
): Promise<ReportCurves["series"][number]> {
  const history = await readHistory(tracking, run.id, metric);
  const every = Math.ceil(history.length / most.points);
  const kept = history.filter((_, place) => (history.length - 1 - place) % every === 0);
  return { run: at, steps: kept.map(({ step }) => step), values: kept.map(({ value }) => value) };
}
