/** Answers of servers old and new, read into the endpoint table's types: each field is checked, what is unknown is left out. */
import type {
  ArtifactFile,
  EndpointName,
  Experiment,
  KeyValue,
  Lifecycle,
  MetricPoint,
  ResponseOf,
  RunData,
  RunInfo,
  RunStatus,
  TrackedRun,
} from "./endpoints.ts";
import { parseJson } from "./client-json.ts";

/** An answer that lacks what the endpoint promises; `message` names the field. */
export class MalformedAnswer extends Error {}

/** Throws MalformedAnswer. */
export function decodeAnswer<E extends EndpointName>(endpoint: E, text: string): ResponseOf<E> {
  const decode: (answer: Field) => ResponseOf<E> = decoders[endpoint];
  return decode({ name: "the answer", value: parse(text) });
}

/** The parser's own message is left out: it quotes the text. */
function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new MalformedAnswer("the answer is no JSON");
  }
}

const decoders: { readonly [E in EndpointName]: (answer: Field) => ResponseOf<E> } = {
  "experiments/create": (answer) => ({ experiment_id: readText(at(answer, "experiment_id")) }),
  "experiments/get": (answer) => ({ experiment: readExperiment(at(answer, "experiment")) }),
  "experiments/get-by-name": (answer) => ({ experiment: readExperiment(at(answer, "experiment")) }),
  "experiments/search": (answer) => ({
    experiments: readList(at(answer, "experiments"), readExperiment),
    ...readPage(answer),
  }),
  "experiments/set-experiment-tag": readEmpty,
  "runs/create": (answer) => ({ run: readRun(at(answer, "run")) }),
  "runs/update": (answer) => ({ run_info: readRunInfo(at(answer, "run_info")) }),
  "runs/get": (answer) => ({ run: readRun(at(answer, "run")) }),
  "runs/search": (answer) => ({
    runs: readList(at(answer, "runs"), readRun),
    ...readPage(answer),
  }),
  "runs/log-batch": readEmpty,
  "runs/set-tag": readEmpty,
  "runs/log-model": readEmpty,
  "metrics/get-history": (answer) => ({
    metrics: readList(at(answer, "metrics"), readMetric),
    ...readPage(answer),
  }),
  "artifacts/list": (answer) => ({
    root_uri: readText(at(answer, "root_uri")),
    files: readList(at(answer, "files"), readFile),
    ...readPage(answer),
  }),
};

/** A part of the answer and how to call it in a message. */
interface Field {
  readonly name: string;
  readonly value: unknown;
}

function at(parent: Field, key: string): Field {
  const name = parent.name === "the answer" ? key : `${parent.name}.${key}`;
  return { name, value: readObject(parent)[key] };
}

function readObject({ name, value }: Field): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new MalformedAnswer(`${name} is ${value === undefined ? "missing" : "no JSON object"}`);
  return value as Readonly<Record<string, unknown>>;
}

function readEmpty(answer: Field): Record<string, never> {
  readObject(answer);
  return {};
}

function readPage(answer: Field): { readonly next_page_token?: string } {
  const token = optional(at(answer, "next_page_token"), readText);
  return token === undefined || token === "" ? {} : { next_page_token: token };
}

/** Absent lists are empty ones: servers leave both out. */
function readList<T>({ name, value }: Field, read: (field: Field) => T): readonly T[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedAnswer(`${name} is no list`);
  return value.map((element, index) => read({ name: `${name}[${index}]`, value: element }));
}

function optional<T>(field: Field, read: (field: Field) => T): T | undefined {
  return field.value === undefined || field.value === null ? undefined : read(field);
}

function readText({ name, value }: Field): string {
  if (typeof value === "string") return value;
  throw new MalformedAnswer(`${name} is ${value === undefined ? "missing" : "no text"}`);
}

/** int64: a number, or its digits as a text, as protobuf's own JSON has it. */
function readInteger({ name, value }: Field): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number)) return number;
  throw new MalformedAnswer(`${name} is ${value === undefined ? "missing" : "no integer"}`);
}

function readNumber({ name, value }: Field): number {
  if (typeof value === "number") return value;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : undefined;
  if (number !== undefined && (!Number.isNaN(number) || value === "NaN")) return number;
  throw new MalformedAnswer(`${name} is ${value === undefined ? "missing" : "no number"}`);
}

function readKeyValue(field: Field): KeyValue {
  return {
    key: readText(at(field, "key")),
    value: optional(at(field, "value"), readText) ?? "",
  };
}

function readMetric(field: Field): MetricPoint {
  return {
    key: readText(at(field, "key")),
    value: readNumber(at(field, "value")),
    timestamp: readInteger(at(field, "timestamp")),
    step: optional(at(field, "step"), readInteger) ?? 0,
  };
}

function readFile(field: Field): ArtifactFile {
  const size = optional(at(field, "file_size"), readInteger);
  return {
    path: readText(at(field, "path")),
    is_dir: at(field, "is_dir").value === true,
    ...(size !== undefined && { file_size: size }),
  };
}

function readExperiment(field: Field): Experiment {
  const created = optional(at(field, "creation_time"), readInteger);
  const updated = optional(at(field, "last_update_time"), readInteger);
  return {
    experiment_id: readText(at(field, "experiment_id")),
    name: readText(at(field, "name")),
    artifact_location: optional(at(field, "artifact_location"), readText) ?? "",
    lifecycle_stage: readLifecycle(at(field, "lifecycle_stage")),
    ...(created !== undefined && { creation_time: created }),
    ...(updated !== undefined && { last_update_time: updated }),
    tags: readList(at(field, "tags"), readKeyValue),
  };
}

function readLifecycle(field: Field): Lifecycle {
  return optional(field, readText) === "deleted" ? "deleted" : "active";
}

const statuses: readonly RunStatus[] = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];

function readStatus(field: Field): RunStatus {
  const text = readText(field);
  const status = statuses.find((each) => each === text);
  if (status === undefined) throw new MalformedAnswer(`${field.name} is no status of a run`);
  return status;
}

/** Servers before 1.0 know only `run_uuid`, those before 2.0 no `run_name`. */
function readRunInfo(field: Field): RunInfo {
  const id = readText(firstPresent(at(field, "run_id"), at(field, "run_uuid")));
  const end = optional(at(field, "end_time"), readInteger);
  return {
    run_id: id,
    run_uuid: id,
    run_name: optional(at(field, "run_name"), readText) ?? "",
    experiment_id: readText(at(field, "experiment_id")),
    user_id: optional(at(field, "user_id"), readText) ?? "",
    status: readStatus(at(field, "status")),
    start_time: optional(at(field, "start_time"), readInteger) ?? 0,
    ...(end !== undefined && { end_time: end }),
    artifact_uri: optional(at(field, "artifact_uri"), readText) ?? "",
    lifecycle_stage: readLifecycle(at(field, "lifecycle_stage")),
  };
}

function firstPresent(first: Field, second: Field): Field {
  return first.value === undefined ? second : first;
}

function readData(field: Field): RunData {
  return {
    metrics: readList(at(field, "metrics"), readMetric),
    params: readList(at(field, "params"), readKeyValue),
    tags: readList(at(field, "tags"), readKeyValue),
  };
}

function readRun(field: Field): TrackedRun {
  return {
    info: readRunInfo(at(field, "info")),
    data: optional(at(field, "data"), readData) ?? {},
  };
}
