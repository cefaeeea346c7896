/** The tracker as the code of a step sees it when it speaks MLflow itself: everything is passed on, but the run's end is the runner's. */
import {
  type KeyValue,
  type MetricPoint,
  type RunStatus,
  type TrackedRun,
  isEnd,
} from "../tracking/entities.ts";
import type { EndpointName, RequestOf, ResponseOf } from "../tracking/endpoints.ts";
import { streamWholeFiles } from "../tracking/server/whole-files.ts";
import { type Tracking, TrackingError } from "../tracking/tracking.ts";
import { redactValues } from "./output-redact.ts";
import { gatewayRoot, trueAddress } from "./script-artifacts.ts";

export interface OwnRun {
  readonly id: string;
  readonly experimentId: string;
  /** As the tracker has them. */
  readonly params: Readonly<Record<string, string>>;
}

/** Hears of what has reached the run. Must not throw. */
export interface ScriptListener {
  readonly onMetrics: (points: readonly MetricPoint[]) => void;
  readonly onUpload: (path: string) => void;
}

export interface ScriptTracking {
  readonly tracking: Tracking;
  /** How the code has ended the run, as far as it is concerned; undefined: it has not. */
  readonly claim: () => RunStatus | undefined;
  /** Runs that the code has started beside its own and not ended. */
  readonly openRuns: () => readonly string[];
}

export interface ScriptOptions {
  readonly own: OwnRun;
  /** For files on their way; there already. */
  readonly folder: string;
  /** What no param and no tag may hold. */
  readonly secrets: readonly string[];
  readonly listener: ScriptListener;
}

/** `tracking` for the code that performs `own`; its `close` does nothing, since it belongs to the runner. */
export function trackingForScript(tracking: Tracking, options: ScriptOptions): ScriptTracking {
  const { own, folder, secrets, listener } = options;
  const session: Session = { tracking, own, listener, claim: undefined, open: new Set() };
  const onWritten = (runId: string, path: string): void => {
    if (runId === own.id) listener.onUpload(path);
  };
  return {
    tracking: {
      uri: tracking.uri,
      call: (endpoint, request) => call(session, endpoint, redactValues(request, secrets)),
      upload: (runId, localFile, path) => tracking.upload(runId, localFile, path),
      download: (runId, path, target) => tracking.download(runId, path, target),
      artifacts: streamWholeFiles(tracking, { folder, onWritten }),
      close: async () => {},
    },
    claim: () => session.claim?.status,
    openRuns: () => [...session.open],
  };
}

interface Session {
  readonly tracking: Tracking;
  readonly own: OwnRun;
  readonly listener: ScriptListener;
  claim: { readonly status: RunStatus; readonly endTime: number | undefined } | undefined;
  readonly open: Set<string>;
}

type Handler<E extends EndpointName> = (
  session: Session,
  request: RequestOf<E>,
) => Promise<ResponseOf<E>>;

/** Calls that are not passed on as they are. */
const handlers: { readonly [E in EndpointName]?: Handler<E> } = {
  "experiments/delete": deleteExperiment,
  "runs/create": createRun,
  "runs/update": updateRun,
  "runs/get": getRun,
  "runs/search": searchRuns,
  "runs/delete": deleteRun,
  "runs/log-metric": logMetric,
  "runs/log-batch": logBatch,
  "runs/log-parameter": logParameter,
  "model-versions/create": createVersion,
};

async function call<E extends EndpointName>(
  session: Session,
  endpoint: E,
  request: RequestOf<E>,
): Promise<ResponseOf<E>> {
  const handler: Handler<E> | undefined = handlers[endpoint];
  return handler === undefined
    ? session.tracking.call(endpoint, request)
    : handler(session, request);
}

async function createRun(
  session: Session,
  request: RequestOf<"runs/create">,
): Promise<ResponseOf<"runs/create">> {
  const { run } = await session.tracking.call("runs/create", request);
  session.open.add(run.info.run_id);
  return { run: asSeen(run, session) };
}

/** The end of the own run is noted, not performed; a run that goes on takes its claim back. */
async function updateRun(
  session: Session,
  request: RequestOf<"runs/update">,
): Promise<ResponseOf<"runs/update">> {
  const { tracking, own } = session;
  if (request.run_id !== own.id) return updateOther(session, request);
  const { status, end_time, ...rest } = request;
  if (rest.run_name !== undefined) await tracking.call("runs/update", rest);
  if (status !== undefined)
    session.claim = isEnd(status) ? { status, endTime: end_time } : undefined;
  const { run } = await getRun(session, { run_id: own.id });
  return { run_info: run.info };
}

async function updateOther(
  { tracking, open }: Session,
  request: RequestOf<"runs/update">,
): Promise<ResponseOf<"runs/update">> {
  const answer = await tracking.call("runs/update", request);
  const { run_id, status } = request;
  if (status !== undefined && isEnd(status)) open.delete(run_id);
  else if (status !== undefined) open.add(run_id);
  return answer;
}

async function getRun(
  session: Session,
  request: RequestOf<"runs/get">,
): Promise<ResponseOf<"runs/get">> {
  const { run } = await session.tracking.call("runs/get", request);
  return { run: asSeen(run, session) };
}

async function searchRuns(
  session: Session,
  request: RequestOf<"runs/search">,
): Promise<ResponseOf<"runs/search">> {
  const { runs, ...rest } = await session.tracking.call("runs/search", request);
  return { ...rest, ...(runs && { runs: runs.map((run) => asSeen(run, session)) }) };
}

/** Its artifacts lie at the gateway, and the own run is as its code has left it. */
function asSeen(run: TrackedRun, { own, claim }: Session): TrackedRun {
  const { run_id, experiment_id } = run.info;
  const info = { ...run.info, artifact_uri: gatewayRoot(experiment_id, run_id) };
  if (run_id !== own.id || claim === undefined) return { ...run, info };
  const { status, endTime: end_time } = claim;
  return { ...run, info: { ...info, status, ...(end_time !== undefined && { end_time }) } };
}

async function deleteRun(
  { tracking, own, open }: Session,
  request: RequestOf<"runs/delete">,
): Promise<ResponseOf<"runs/delete">> {
  if (request.run_id === own.id) throw refuseToDelete("the run that mlpipe performs");
  const answer = await tracking.call("runs/delete", request);
  open.delete(request.run_id);
  return answer;
}

async function deleteExperiment(
  { tracking, own }: Session,
  request: RequestOf<"experiments/delete">,
): Promise<ResponseOf<"experiments/delete">> {
  if (request.experiment_id === own.experimentId)
    throw refuseToDelete("the experiment of the run that mlpipe performs");
  return tracking.call("experiments/delete", request);
}

function refuseToDelete(what: string): TrackingError {
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${what} cannot be deleted by its own code; delete it when the run has ended`,
  );
}

async function logMetric(
  session: Session,
  request: RequestOf<"runs/log-metric">,
): Promise<ResponseOf<"runs/log-metric">> {
  await session.tracking.call("runs/log-metric", request);
  if (request.run_id === session.own.id) session.listener.onMetrics([request]);
  return {};
}

async function logBatch(
  session: Session,
  request: RequestOf<"runs/log-batch">,
): Promise<ResponseOf<"runs/log-batch">> {
  const isOwn = request.run_id === session.own.id;
  const params = request.params?.filter((param) => !(isOwn && isLogged(param, session.own)));
  await session.tracking.call("runs/log-batch", { ...request, ...(params && { params }) });
  if (isOwn) session.listener.onMetrics(request.metrics ?? []);
  return {};
}

async function logParameter(
  session: Session,
  request: RequestOf<"runs/log-parameter">,
): Promise<ResponseOf<"runs/log-parameter">> {
  if (request.run_id === session.own.id && isLogged(request, session.own)) return {};
  return session.tracking.call("runs/log-parameter", request);
}

/** A model is registered by its real address: the gateway's is gone with the gateway. */
async function createVersion(
  { tracking }: Session,
  request: RequestOf<"model-versions/create">,
): Promise<ResponseOf<"model-versions/create">> {
  const source = await trueAddress(request.source, tracking);
  return tracking.call("model-versions/create", { ...request, source });
}

/** The runner has logged this param already; R writes numbers with 15 digits, `TRUE` and `1e+05`. */
function isLogged({ key, value }: KeyValue, { params }: OwnRun): boolean {
  const known = params[key];
  if (known === undefined) return false;
  return known === value || isSameTruth(known, value) || isSameNumber(known, value);
}

function isSameTruth(known: string, value: string): boolean {
  return /^(true|false)$/.test(known) && known === value.toLowerCase();
}

function isSameNumber(a: string, b: string): boolean {
  if (a.trim() === "" || b.trim() === "") return false;
  const [first, second] = [Number(a), Number(b)];
  return Number.isFinite(first) && first.toPrecision(15) === second.toPrecision(15);
}
