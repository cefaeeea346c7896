/** What MLflow accepts as keys, values, names and batches; where MLflow would cut a long value short, mlpipe refuses it. */
import { runStatuses, type KeyValue, type MetricPoint, type RunStatus } from "../entities.ts";
import { valueLimits } from "../batch.ts";
import { invalid } from "./store.ts";

/** Lengths in characters (Unicode code points), sizes in items. */
const limits = {
  key: 250,
  experimentTag: 20_000,
  experimentName: 500,
  metricsPerBatch: 1000,
  paramsPerBatch: 100,
  tagsPerBatch: 100,
  itemsPerBatch: 1000,
} as const;

/** MLflow's `^[/\w.\- :]*$`, where Python's \w means letters, digits and underscore of every script. */
const allowedKey = /^[/\p{L}\p{N}_.\- :]*$/u;

function isLongerThan(text: string, limit: number): boolean {
  return text.length > 2 * limit || (text.length > limit && Array.from(text).length > limit);
}

export function checkLength(what: string, text: string, limit: number): void {
  if (isLongerThan(text, limit)) {
    throw invalid(
      `${what} is longer than ${limit} characters`,
      "shorten it, or log it as an artifact",
    );
  }
}

export function checkKey(what: string, key: string): void {
  checkForm(what, key);
  checkLength(`the ${what} key ${JSON.stringify(key.slice(0, 40))}`, key, limits.key);
}

/** Of a key of any length: MLflow may use keys as file names, so a key must be its own normal path. */
export function checkForm(what: string, key: string): void {
  if (typeof key !== "string") throw invalid(`${what} has no key`);
  if (!allowedKey.test(key)) {
    throw invalid(
      `the ${what} key ${JSON.stringify(key)} has a character that MLflow refuses`,
      "use letters, digits, _ - . / : and spaces",
    );
  }
  const segments = key.split("/");
  if (
    key.startsWith("..") ||
    segments.some((part) => part === "" || part === "." || part === "..")
  ) {
    throw invalid(
      `the ${what} key ${JSON.stringify(key)} is no plain path, which MLflow refuses`,
      "write it without empty parts, . and .. between slashes",
    );
  }
}

function checkText(what: string, { key, value }: KeyValue, limit: number): void {
  checkKey(what, key);
  if (typeof value !== "string") throw invalid(`the ${what} ${JSON.stringify(key)} has no text`);
  checkLength(`the value of ${what} ${JSON.stringify(key)}`, value, limit);
}

export function checkParam(param: KeyValue): void {
  checkText("param", param, valueLimits.param);
}

export function checkTag(tag: KeyValue): void {
  checkText("tag", tag, valueLimits.tag);
}

export function checkExperimentTag(tag: KeyValue): void {
  checkText("experiment tag", tag, limits.experimentTag);
}

/** A 64-bit integer, as far as a JavaScript number can say. */
function isLong(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

export function checkMetric(point: MetricPoint): void {
  const { key, value, timestamp, step } = point;
  checkKey("metric", key);
  const name = `the metric ${JSON.stringify(key)}`;
  if (!point.dataset_name !== !point.dataset_digest)
    throw invalid(`${name} has half a data set`, "give dataset_name and dataset_digest");
  if (typeof value !== "number") throw invalid(`${name} has a value that is no number`);
  if (!isLong(timestamp) || timestamp < 0) {
    throw invalid(
      `${name} has the timestamp ${timestamp}`,
      "a timestamp is a whole number of milliseconds since 1970",
    );
  }
  if (!isLong(step)) throw invalid(`${name} has the step ${step}`, "a step is a whole number");
}

interface Batch {
  readonly metrics: readonly MetricPoint[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

function checkCount(what: string, count: number, limit: number): void {
  if (count > limit) {
    throw invalid(`one batch has ${count} ${what}, MLflow takes ${limit}`, "send several batches");
  }
}

export function checkBatch({ metrics, params, tags }: Batch): void {
  metrics.forEach(checkMetric);
  params.forEach(checkParam);
  tags.forEach(checkTag);
  checkCount("metrics", metrics.length, limits.metricsPerBatch);
  checkCount("params", params.length, limits.paramsPerBatch);
  checkCount("tags", tags.length, limits.tagsPerBatch);
  checkCount("items", metrics.length + params.length + tags.length, limits.itemsPerBatch);
  refuseTwice("param", params);
}

/** A key may stand in one request once. */
function refuseTwice(what: string, pairs: readonly KeyValue[]): void {
  const keys = new Set<string>();
  for (const { key } of pairs) {
    if (keys.has(key)) throw invalid(`the ${what} ${JSON.stringify(key)} is given twice`);
    keys.add(key);
  }
}

export function checkExperimentName(name: string): void {
  if (typeof name !== "string" || name === "") throw invalid("an experiment needs a name");
  checkLength("the name of the experiment", name, limits.experimentName);
}

export function checkStatus(status: RunStatus): void {
  if (!runStatuses.includes(status)) {
    throw invalid(
      `${JSON.stringify(status)} is no status of a run`,
      `use one of ${runStatuses.join(", ")}`,
    );
  }
}

/** MLflow keeps experiment ids as whole numbers and passes them around as text, which it reads as Python does. */
export function readExperimentId(id: string): number {
  if (!/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(id)) {
    throw invalid(
      `${JSON.stringify(id)} is no experiment id`,
      "an experiment id is a whole number",
    );
  }
  return Number(id.replaceAll("_", ""));
}

/** How many results a page may hold. */
export function checkPageSize(size: number): void {
  if (!Number.isInteger(size) || size < 1 || size > 50_000) {
    throw invalid(`max_results is ${size}`, "use a whole number from 1 to 50000");
  }
}
