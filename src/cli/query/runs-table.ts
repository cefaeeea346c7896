/** Runs side by side: who and when, then what tells them apart, as wide as the screen is. */
import type { TrackedRun } from "../../tracking/entities.ts";
import type { Role } from "../../source/paint.ts";
import { harmless } from "../../source/width.ts";
import {
  type Column,
  alignNumbers,
  cutText,
  fitColumns,
  printColumns,
} from "../../source/columns.ts";
import { durationText, shortNumber, shortTimeText, timeText } from "../../source/figures.ts";
import type { Screen } from "./screen.ts";

export interface TableOptions extends Screen {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether a child stands, indented, below its parent. */
  readonly nested: boolean;
}

/** `experiments`: names by id. */
export function printRuns(
  given: readonly TrackedRun[],
  experiments: ReadonlyMap<string, string>,
  options: TableOptions,
): string {
  const placed = options.nested ? nestRuns(given) : given.map((run) => ({ run, depth: 0 }));
  const runs = placed.map(({ run }) => run);
  const common = options.width === Infinity ? undefined : commonExperiment(runs, experiments);
  const all = [...aboutRuns(placed, experiments, options), ...keyColumns(runs)].filter(
    ({ title }) => common === undefined || title !== "EXPERIMENT",
  );
  const { columns, left } = fitColumns(all, options.width, options.signs.cut);
  const notes = [
    ...(common === undefined ? [] : [`all in ${common}`]),
    ...(left.length === 0 ? [] : [`a wider terminal also shows ${left.map(nameLeft).join(", ")}`]),
  ];
  return printColumns(columns, options.paint) + notes.map((note) => faint(note, options)).join("");
}

/** The experiment that all of several runs belong to. */
function commonExperiment(
  runs: readonly TrackedRun[],
  experiments: ReadonlyMap<string, string>,
): string | undefined {
  const [only, ...others] = new Set(runs.map(({ info }) => info.experiment_id));
  if (runs.length < 2 || only === undefined || others.length > 0) return undefined;
  return harmless(experiments.get(only) ?? only);
}

function nameLeft(title: string): string {
  return title === "PARAMS" || title === "METRICS" ? `other ${title.toLowerCase()}` : title;
}

/** A line below the table. */
function faint(note: string, { width, paint, signs }: TableOptions): string {
  return `${paint("faint", cutText(note, width, signs.cut))}\n`;
}

interface Placed {
  readonly run: TrackedRun;
  /** How many parents of the run stand above it. */
  readonly depth: number;
}

function tagOf({ data }: TrackedRun, key: string): string | undefined {
  return data.tags?.find((tag) => tag.key === key)?.value;
}

/** Each child behind its parent, the first-born first; a child whose parent is not among the runs keeps its place. */
export function nestRuns(runs: readonly TrackedRun[]): readonly Placed[] {
  const known = new Set(runs.map(({ info }) => info.run_id));
  const children = Map.groupBy(runs, (run) => {
    const parent = tagOf(run, "mlflow.parentRunId");
    return parent !== undefined && known.has(parent) ? parent : undefined;
  });
  const placed: Placed[] = [];
  const seen = new Set<string>();
  const place = (run: TrackedRun, depth: number): void => {
    if (seen.has(run.info.run_id)) return;
    seen.add(run.info.run_id);
    placed.push({ run, depth });
    for (const child of (children.get(run.info.run_id) ?? []).toReversed()) place(child, depth + 1);
  };
  for (const run of children.get(undefined) ?? []) place(run, 0);
  // Tags may name parents in a circle.
  for (const run of runs) place(run, 0);
  return placed;
}

/** As many letters of each id as tell these apart, at least eight. */
export function shortIds(ids: readonly string[]): readonly string[] {
  const sorted = ids.toSorted();
  const shared = sorted.map((id, at) => {
    const next = sorted[at + 1] ?? "";
    let length = 0;
    while (length < id.length && id[length] === next[length]) length++;
    return length;
  });
  const length = Math.max(8, ...shared.map((letters) => letters + 1));
  return ids.map((id) => id.slice(0, length));
}

/** Who, where, when and how it ended. */
export function aboutRuns(
  placed: readonly Placed[],
  experiments: ReadonlyMap<string, string>,
  { width, now }: Pick<TableOptions, "width" | "now">,
): readonly Column[] {
  const infos = placed.map(({ run }) => run.info);
  const ids = infos.map(({ run_id }) => harmless(run_id));
  const started = infos.map(({ start_time }) => start_time);
  return [
    { title: "RUN", cells: width === Infinity ? ids : shortIds(ids) },
    {
      title: "NAME",
      cells: placed.map(({ run, depth }) => "  ".repeat(depth) + harmless(run.info.run_name)),
      least: 10,
    },
    {
      title: "EXPERIMENT",
      cells: infos.map((info) =>
        harmless(experiments.get(info.experiment_id) ?? info.experiment_id),
      ),
      least: 12,
      keeps: "end",
    },
    {
      title: "STATUS",
      cells: infos.map(({ status, lifecycle_stage }) =>
        lifecycle_stage === "deleted" ? `${status}, deleted` : status,
      ),
      role: (row) => statusRole(infos[row]?.status),
    },
    {
      title: "STARTED",
      cells: started.map(timeText),
      short: started.map((time) => shortTimeText(time, now)),
    },
    {
      title: "TOOK",
      cells: infos.map(({ start_time, end_time }) =>
        end_time === undefined ? "" : durationText(end_time - start_time),
      ),
    },
  ];
}

/** What went well needs no colour. */
export function statusRole(status: string | undefined): Role | undefined {
  if (status === "FAILED" || status === "KILLED") return "error";
  return status === "FINISHED" ? undefined : "warning";
}

interface Key {
  readonly name: string;
  /** Of each run; undefined where it has none. */
  readonly values: readonly (string | undefined)[];
}

/**
 * A column for each metric, and for each param that is not the same everywhere, if at least half of the runs have it. What
 * fewer have stands together in one column, name and value.
 */
function keyColumns(runs: readonly TrackedRun[]): readonly Column[] {
  const params = keysOf(runs, ({ data }) =>
    (data.params ?? []).map(({ key, value }) => [key, harmless(value)]),
  );
  const metrics = keysOf(runs, ({ data }) =>
    (data.metrics ?? []).map(({ key, value }) => [key, shortNumber(value)]),
  );
  const telling = params.filter((key) => runs.length === 1 || !isCommon(key) || differs(key));
  return [...columnsOf("PARAMS", telling, 1), ...columnsOf("METRICS", metrics, 2)];
}

function isCommon({ values }: Key): boolean {
  return 2 * values.filter((value) => value !== undefined).length >= values.length;
}

function differs({ values }: Key): boolean {
  return new Set(values.filter((value) => value !== undefined)).size > 1;
}

function columnsOf(title: string, keys: readonly Key[], rank: number): readonly Column[] {
  const own = keys.filter(isCommon).map(({ name, values }) => ({
    title: harmless(name),
    cells: alignNumbers(values.map((value) => value ?? "")),
    rank,
  }));
  const rare = keys.filter((key) => !isCommon(key));
  return [...own, ...together(title, rare, rank)];
}

function keysOf(
  runs: readonly TrackedRun[],
  pairs: (run: TrackedRun) => readonly (readonly [string, string])[],
): readonly Key[] {
  const maps = runs.map((run) => new Map(pairs(run)));
  const names = [...new Set(maps.flatMap((map) => [...map.keys()]))].toSorted();
  return names.map((name) => ({ name, values: maps.map((map) => map.get(name)) }));
}

function together(title: string, keys: readonly Key[], rank: number): readonly Column[] {
  if (keys.length === 0) return [];
  const rows = keys[0]?.values.length ?? 0;
  const cells = Array.from({ length: rows }, (_, row) =>
    keys
      .flatMap(({ name, values }) =>
        values[row] === undefined ? [] : [`${harmless(name)}=${values[row]}`],
      )
      .join(" "),
  );
  return [{ title, cells, least: 12, rank }];
}
