/** A run on one page: what went wrong first, then who, when and from what, then all that was logged. */
import type { Paint } from "../../source/paint.ts";
import type { DatasetInput } from "../../tracking/entities.ts";
import { harmless } from "../../source/width.ts";
import { type Column, cutText, fitColumns, printColumns } from "../../source/columns.ts";
import { originOf, purposeOf } from "./datasets.ts";
import { durationText, sizeText, timeText } from "../../source/figures.ts";
import { type Lineage, isLineage, lineageOf } from "./lineage.ts";
import { printMetrics } from "./print-metrics.ts";
import { type RunDetails, sortByKey } from "./run-details.ts";
import { statusRole } from "./runs-table.ts";
import type { Screen } from "./screen.ts";
import type { Signs } from "./signs.ts";
import { type ToldFailure, failureOf, headTags, modelNotes, sourceOf, tagsOf } from "./tags.ts";

export function printRun(details: RunDetails, screen: Screen): string {
  const { run } = details;
  const tags = tagsOf(run);
  const sections = [
    printHead(details, tags, screen),
    printPairs("params", sortByKey(run.data.params ?? []), screen),
    printMetrics(details, screen),
    printPairs("tags", otherTags(tags), screen),
    printInputs(details, tags, screen),
    printModels(details, tags, screen),
    printArtifacts(details, screen),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

type Pair = { readonly key: string; readonly value: string };

/** Names and values below a title; empty where there are none. */
function printPairs(title: string, pairs: readonly Pair[], screen: Screen): string {
  const rows = pairs.map(({ key, value }) => [key, value]);
  return printRows([title, ""], rows, screen);
}

/** A table below a title. All cells come from a tracker, and are made harmless here. */
function printRows(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  { width, signs, paint }: Screen,
): string {
  if (rows.length === 0) return "";
  const columns = titles.map((title, at): Column => ({
    title,
    cells: rows.map((row) => (at === 0 ? "  " : "") + harmless(row[at] ?? "")),
    least: 12,
  }));
  return printColumns(fitColumns(columns, width, signs.cut).columns, paint);
}

function printHead(
  { run: { info }, experiment }: RunDetails,
  tags: ReadonlyMap<string, string>,
  { paint, width, signs }: Screen,
): string {
  const failure = failureOf(tags);
  const deleted = info.lifecycle_stage === "deleted" ? ", deleted" : "";
  const took =
    info.end_time === undefined ? "" : `, took ${durationText(info.end_time - info.start_time)}`;
  const role = statusRole(info.status);
  const lines: readonly (readonly [string, string])[] = [
    ["status", (role ? paint(role, info.status) : info.status) + deleted],
    [
      "experiment",
      `${harmless(experiment.name)}  ${paint("faint", harmless(`id ${info.experiment_id}`))}`,
    ],
    ["started", `${timeText(info.start_time)}${took}`],
    ["by", harmless(tags.get("mlflow.user") ?? info.user_id)],
    ["source", sourceText(tags)],
    ["commit", commitText(tags)],
    ["parent", harmless(tags.get("mlflow.parentRunId") ?? "")],
    ["replay", replayText(tags)],
    ["replayable", harmless(tags.get("mlpipe.replayable") ?? "")],
  ];
  const known = lines.filter(([, text]) => text !== "");
  const name = `${paint("strong", harmless(info.run_name))}  ${harmless(info.run_id)}\n`;
  const rows = known.map(
    ([label, text]) => `${paint("gutter", label)}${" ".repeat(12 - label.length)}${text}\n`,
  );
  return [
    name,
    failure ? `${printFailure(failure, paint)}\n` : "",
    ...rows,
    printNote(tags.get("mlflow.note.content"), width, signs),
  ].join("");
}

function printFailure({ place, code, message }: ToldFailure, paint: Paint): string {
  const where = place === "" ? "" : `${paint("strong", harmless(place))}  `;
  const what = code === "" ? "" : ` ${code} `;
  const advice = /^[ER]\d{4}$/.test(code)
    ? `  ${paint("fix", "more:")} mlpipe explain ${code}\n`
    : "";
  return `${where}${paint("error", "error")}${what} ${harmless(message)}\n${advice}`;
}

/** What a run that a replay has made says of the one before it. */
function replayText(tags: ReadonlyMap<string, string>): string {
  const of = tags.get("mlpipe.replay_of");
  return of === undefined
    ? ""
    : harmless(`of run ${of}: ${tags.get("mlpipe.verdict") ?? "not ended"}`);
}

function sourceText(tags: ReadonlyMap<string, string>): string {
  const { name = "", entryPoint } = sourceOf(tags);
  return harmless(entryPoint === undefined ? name : `${name}, entry point ${entryPoint}`);
}

function commitText(tags: ReadonlyMap<string, string>): string {
  const { commit, branch, repository, changed } = sourceOf(tags);
  if (commit === undefined) return "";
  const on = branch === undefined ? "" : ` on ${branch}`;
  const of = repository === undefined ? "" : ` of ${repository}`;
  return harmless(`${commit}${on}${of}${changed ? ", with changes that are not committed" : ""}`);
}

/** A description, as its author broke it into lines. */
function printNote(note: string | undefined, width: number, signs: Signs): string {
  if (note === undefined || note.trim() === "") return "";
  const lines = note.trimEnd().split(/\r?\n/);
  return `\n${lines.map((line) => `  ${cutText(harmless(line), width - 2, signs.cut)}\n`).join("")}`;
}

/** The user's own first, then those of mlpipe and of MLflow, but for what stands elsewhere on the page. */
function otherTags(tags: ReadonlyMap<string, string>): readonly Pair[] {
  const rank = (key: string): number =>
    key.startsWith("mlflow.") ? 2 : key.startsWith("mlpipe.") ? 1 : 0;
  const pairs = [...tags].map(([key, value]) => ({ key, value }));
  return sortByKey(pairs.filter(({ key }) => !headTags.has(key) && !isLineage(key))).toSorted(
    (a, b) => rank(a.key) - rank(b.key),
  );
}

function printInputs(
  { run: { inputs } }: RunDetails,
  tags: ReadonlyMap<string, string>,
  screen: Screen,
): string {
  const datasets = inputs?.dataset_inputs ?? [];
  const models = inputs?.model_inputs ?? [];
  const lineage = lineageOf(tags);
  const others = lineage.filter((one) => !datasets.some((input) => isFrom(input, one)));
  const rows = [
    ...others.map((one) => [one.name, "", "", lineageText(one)]),
    ...datasets.map((input) => [
      input.dataset.name,
      input.dataset.digest,
      purposeOf(input) ?? "",
      lineageTextOf(input, lineage) ?? originOf(input),
    ]),
    ...models.map(({ model_id }) => [model_id, "", "model", ""]),
  ];
  return printRows(["inputs", "digest", "for", "from"], rows, screen);
}

/** Whether the data set is what came by that input. */
function isFrom(input: DatasetInput, { name, runId }: Lineage): boolean {
  const isNamed = name.split(".").at(-1) === purposeOf(input);
  return isNamed && originOf(input).startsWith(`runs runs:/${runId}/`);
}

function lineageText({ runId, why }: Lineage): string {
  return why === undefined ? `run ${runId}` : `run ${runId} (${why})`;
}

function lineageTextOf(input: DatasetInput, all: readonly Lineage[]): string | undefined {
  const its = all.find((one) => isFrom(input, one));
  return its && lineageText(its);
}

function printModels(
  { models }: RunDetails,
  tags: ReadonlyMap<string, string>,
  screen: Screen,
): string {
  const own = models.map(({ id, name }) => [name ?? id, "logged model", name ? id : ""]);
  const rows = modelNotes(tags).map(({ path, flavors, packages }) => [
    `${path}/`,
    flavors.join(", "),
    Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ]);
  return printRows(["models", "", ""], [...rows, ...own], screen);
}

/** A run may have as many files as it likes, a page has an end. */
const mostArtifacts = 200;

function printArtifacts(
  { artifacts: { entries, unopened }, artifactTrouble }: RunDetails,
  screen: Screen,
): string {
  const { paint } = screen;
  if (artifactTrouble !== undefined)
    return `${paint("strong", "artifacts")}\n  ${paint("warning", "not listed:")} ${harmless(artifactTrouble)}\n`;
  const rows = entries.slice(0, mostArtifacts).map(({ path, is_dir, file_size }) => {
    const parts = path.split("/");
    const name = `${"  ".repeat(parts.length - 1)}${parts.at(-1)}${is_dir ? "/" : ""}`;
    const isClosed = is_dir && unopened.includes(path);
    return [name, isClosed ? "not looked into" : is_dir ? "" : sizeText(file_size ?? 0)];
  });
  const more = entries.length - rows.length;
  const rest = more > 0 ? `${paint("faint", `  and ${more} more; --json lists them`)}\n` : "";
  return printRows(["artifacts", ""], rows, screen) + rest;
}
