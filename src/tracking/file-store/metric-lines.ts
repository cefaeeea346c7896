/** The lines of a metric's file, one point each: time, value, step, and what the value is about. */
import type { MetricPoint } from "../entities.ts";

interface MetricLines {
  readonly points: readonly MetricPoint[];
  /** Numbers of lines, from 1, that hold no point. */
  readonly malformed: readonly number[];
}

/** Reads one line. Undefined: it holds no point. */
type ReadLine = (key: string, fields: readonly string[]) => MetricPoint | undefined;

export function readMetricLines(key: string, text: string, read: ReadLine): MetricLines {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const points: MetricPoint[] = [];
  const malformed: number[] = [];
  for (const [at, line] of lines.entries()) {
    const point = read(key, line.trim().split(" "));
    if (point === undefined) malformed.push(at + 1);
    else points.push(point);
  }
  return { points, malformed };
}

/** Of a run: `time value [step [dataset name, digest]]`; before MLflow 1.0 there was no step. */
export function readRunPoint(key: string, fields: readonly string[]): MetricPoint | undefined {
  const [time = "", value = "", step = "0", ...dataset] = fields;
  return readPoint(key, { time, value, step }, dataset);
}

/** Of a logged model: `time value step run [dataset name, digest]`. */
export function readModelPoint(key: string, fields: readonly string[]): MetricPoint | undefined {
  const [time = "", value = "", step = "", run = "", ...dataset] = fields;
  const point = run === "" ? undefined : readPoint(key, { time, value, step }, dataset);
  return point && { ...point, run_id: run };
}

interface Texts {
  readonly time: string;
  readonly value: string;
  readonly step: string;
}

/** The name of a data set may hold spaces, its digest never does. */
function readPoint(
  key: string,
  { time, value, step }: Texts,
  dataset: readonly string[],
): MetricPoint | undefined {
  const [timestamp, number, at] = [readInteger(time), readFloat(value), readInteger(step)];
  if (timestamp === undefined || number === undefined || at === undefined) return undefined;
  const point = { key, value: number, timestamp, step: at };
  if (dataset.length === 0) return point;
  const digest = dataset.at(-1) ?? "";
  return dataset.length === 1
    ? undefined
    : { ...point, dataset_name: dataset.slice(0, -1).join(" "), dataset_digest: digest };
}

function readInteger(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

const words: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Infinity,
  infinity: Infinity,
};

/** As Python's `float` reads it. */
function readFloat(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const [, sign, word = ""] = /^([+-]?)([a-z]+)$/i.exec(text) ?? [];
  const number = words[word.toLowerCase()];
  return number === undefined ? undefined : sign === "-" ? -number : number;
}
