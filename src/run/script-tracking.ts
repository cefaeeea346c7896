/** The tracker as the code of a step sees it when it speaks MLflow itself: everything is passed on, but the run's end is the runner's. */
import type { KeyValue, MetricPoint, RunStatus } from "../tracking/entities.ts";
import type { EndpointName, RequestOf, ResponseOf } from "../tracking/endpoints.ts";
import { type ArtifactStreams, type Tracking, TrackingError } from "../tracking/tracking.ts";
import { gatewayRoot, streamsOf } from "./script-artifacts.ts";

export interface OwnRun {
  readonly id: string;
  /** As the tracker has them. */
  readonly params: Readonly<Record<string, string>>;
}

/** Hears of what reached the run. Must not throw. */
export interface ScriptListener {
  readonly onMetrics: (points: readonly MetricPoint[]) => void;
  readonly onUpload: (path: string) => void;
}

export interface ScriptTracking {
  readonly tracking: Tracking;
  /** How the code has ended the run, as far as it is concerned; undefined: it has not. */
  readonly claim: () => RunStatus | undefined;
  /** True once the code has called at all. */
  readonly wasUsed: () => boolean;
  /** Runs that the code has started beside its own and not ended. */
  readonly openRuns: () => readonly string[];
}

/** `tracking` for the code that performs `own`; its `close` does nothing, since it belongs to the runner. */
export function trackingForScript(
  tracking: Tracking,
  { own, folder }: { readonly own: OwnRun; /** For files on their way. */ readonly folder: string },
  listener: ScriptListener,
): ScriptTracking {
  const session: Session = {
    tracking,
    own,
    listener,
    claim: undefined,
    used: false,
    ownRoot: undefined,
    open: new Set(),
  };
  return {
    tracking: {
      uri: tracking.uri,
      call: (endpoint, request) => call(session, endpoint, request),
      upload: (runId, localFile, path) => tracking.upload(runId, localFile, path),
      download: (runId, path, target) => tracking.download(runId, path, target),
      artifacts: heard(tracking.artifacts ?? streamsOf(tracking, folder), session),
      close: async () => {},
    },
    claim: () => session.claim?.status,
    wasUsed: () => session.used,
    openRuns: () => [...session.open],
  };
}

/** As `artifacts`; what reaches the own run is told. */
function heard(artifacts: ArtifactStreams, session: Session): ArtifactStreams {
  return {
    list: (root, path) => artifacts.list(root, path),
    read: (root, path) => artifacts.read(root, path),
    remove: (root, path) => artifacts.remove(root, path),
    async write(root, path, body) {
      await artifacts.write(root, path, body);
      const place = `${root.replace(/\/$/, "")}/${path}`;
      const own = session.ownRoot === undefined ? undefined : `${session.ownRoot}/`;
      if (own !== undefined && place.startsWith(own))
        session.listener.onUpload(place.slice(own.length));
    },
  };
}

interface Session {
  readonly tracking: Tracking;
  readonly own: OwnRun;
  readonly listener: ScriptListener;
  claim: { readonly status: RunStatus; readonly endTime: number | undefined } | undefined;
  used: boolean;
  /** Where the own run's artifacts lie, once somebody has asked. */
  ownRoot: string | undefined;
  readonly open: Set<string>;
}

type Handler<E extends EndpointName> = (
  session: Session,
  request: RequestOf<E>,
) => Promise<ResponseOf<E>>;

/** Calls that are not passed on as they are. */
const handlers: { readonly [E in EndpointName]?: Handler<E> } = {
  "runs/create": createRun,
  "runs/update": updateRun,
  "runs/get": getRun,
  "runs/delete": deleteRun,
  "runs/log-metric": logMetric,
  "runs/log-batch": logBatch,
  "runs/log-parameter": logParameter,
};

async function call<E extends EndpointName>(
  session: Session,
  endpoint: E,
  request: RequestOf<E>,
): Promise<ResponseOf<E>> {
  session.used = true;
  const handler: Handler<E> | undefined = handlers[endpoint];
  return handler === undefined
    ? session.tracking.call(endpoint, request)
    : handler(session, request);
}

const ended: ReadonlySet<RunStatus> = new Set(["FINISHED", "FAILED", "KILLED"]);

async function createRun(
  { tracking, open }: Session,
  request: RequestOf<"runs/create">,
): Promise<ResponseOf<"runs/create">> {
  const answer = await tracking.call("runs/create", request);
  open.add(answer.run.info.run_id);
  return answer;
}

/** The end of the own run is noted, not performed; a run that goes on takes its claim back. */
async function updateRun(
  session: Session,
  request: RequestOf<"runs/update">,
): Promise<ResponseOf<"runs/update">> {
  const { tracking, own, open } = session;
  const { status, end_time, ...rest } = request;
  if (request.run_id !== own.id) {
    if (status !== undefined && ended.has(status)) open.delete(request.run_id);
    return tracking.call("runs/update", request);
  }
  if (status !== undefined)
    session.claim = ended.has(status) ? { status, endTime: end_time } : undefined;
  if (rest.run_name !== undefined) await tracking.call("runs/update", rest);
  const { run } = await getRun(session, { run_id: own.id });
  return { run_info: run.info };
}

/** The own run as its code has left it; artifacts that no client could reach by itself lie at the gateway. */
async function getRun(
  session: Session,
  request: RequestOf<"runs/get">,
): Promise<ResponseOf<"runs/get">> {
  const { tracking, own, claim } = session;
  const { run } = await tracking.call("runs/get", request);
  const { run_id, experiment_id } = run.info;
  const claimed = request.run_id === own.id ? claim : undefined;
  const info = {
    ...run.info,
    ...(claimed === undefined ? {} : { status: claimed.status }),
    ...(claimed?.endTime === undefined ? {} : { end_time: claimed.endTime }),
    ...(tracking.artifacts === undefined
      ? { artifact_uri: gatewayRoot(experiment_id, run_id) }
      : {}),
  };
  if (run_id === own.id) session.ownRoot = info.artifact_uri;
  return { run: { ...run, info } };
}

async function deleteRun(
  { tracking, own }: Session,
  request: RequestOf<"runs/delete">,
): Promise<ResponseOf<"runs/delete">> {
  if (request.run_id === own.id)
    throw new TrackingError(
      "INVALID_PARAMETER_VALUE",
      "a run cannot delete itself while mlpipe performs it",
      "delete it when it has ended",
    );
  return tracking.call("runs/delete", request);
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
  await session.tracking.call("runs/log-batch", {
    ...request,
    ...(params === undefined ? {} : { params }),
  });
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

/** The runner has logged this param already; R writes numbers with 15 digits, `TRUE` and `1e+05`. */
function isLogged({ key, value }: KeyValue, { params }: OwnRun): boolean {
  const known = params[key];
  if (known === undefined) return false;
  return known === value || known === value.toLowerCase() || isSameNumber(known, value);
}

function isSameNumber(a: string, b: string): boolean {
  if (a.trim() === "" || b.trim() === "") return false;
  const [first, second] = [Number(a), Number(b)];
  return Number.isFinite(first) && first.toPrecision(15) === second.toPrecision(15);
}
