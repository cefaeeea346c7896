/** A comparison as CSV (RFC 4180): every run, its names as MLflow's own tables of runs have them, no digit lost. */
import { formatNumber } from "../../check/domain.ts";
import type { ComparedRun } from "../../run/ranking/compared-run.ts";
import { type Comparison, namesIn } from "./comparison.ts";
import { isOwnTag } from "./tags.ts";

/** Lines end with CR and LF; UTF-8 without a mark. What a run does not have is an empty field. */
export function comparisonToCsv({ runs, plan }: Comparison): string {
  const metrics = namesIn(runs, (run) => run.metrics);
  const params = namesIn(runs, (run) => run.params);
  const tags = namesIn(runs, (run) => run.tags).filter((tag) => !isOwnTag(tag));
  const isRanked = plan.bestBy.length > 0;
  const titles = [
    ...(isRanked ? ["rank"] : []),
    ...about.map(([title]) => title),
    ...metrics.map((name) => `metrics.${name}`),
    ...params.map((name) => `params.${name}`),
    ...tags.map((name) => `tags.${name}`),
  ];
  const rows = runs.map((run, at) => [
    ...(isRanked ? [String(at + 1)] : []),
    ...about.map(([, read]) => read(run)),
    ...metrics.map((name) => numberText(run.metrics.get(name))),
    ...params.map((name) => run.params.get(name) ?? ""),
    ...tags.map((name) => run.tags.get(name) ?? ""),
  ]);
  return [titles, ...rows].map((fields) => `${fields.map(quote).join(",")}\r\n`).join("");
}

const about: readonly (readonly [string, (run: ComparedRun) => string])[] = [
  ["run_id", ({ id }) => id],
  ["run_name", ({ name }) => name],
  ["experiment_id", ({ experimentId }) => experimentId],
  ["of", ({ of }) => of],
  ["status", ({ status }) => status],
  ["start_time", ({ started }) => new Date(started).toISOString()],
  ["end_time", ({ ended }) => (ended === undefined ? "" : new Date(ended).toISOString())],
  ["artifact_uri", ({ artifactUri }) => artifactUri],
];

/** As many digits as it takes; `Infinity` and `NaN` are what R and pandas read. */
function numberText(value: number | undefined): string {
  return value === undefined ? "" : formatNumber(value);
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
