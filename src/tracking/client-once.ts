/** Calls whose repetition would have an effect of its own: before they are sent again, the server is asked what it has. */
import type { KeyValue, TrackedRun } from "./entities.ts";
import type { EndpointName, RequestOf, ResponseOf } from "./endpoints.ts";
import { unlessMissing } from "./tracking.ts";

/** Names one intended run, so that a run whose creation went unanswered can be found. */
export const requestTag = "mlpipe.client_request_id";

/** One exchange inside a bigger call; rejects like the call itself. */
export type Ask = <E extends EndpointName>(
  endpoint: E,
  request: RequestOf<E>,
) => Promise<ResponseOf<E>>;

/** How to find out whether an earlier attempt has come through: its response if so. */
type Recover<E extends EndpointName> = (
  request: RequestOf<E>,
  ask: Ask,
) => Promise<ResponseOf<E> | undefined>;

/** Calls that are not named can be sent twice: what they set is set, and a point that is there already is stored once. */
export const recoveries: { readonly [E in EndpointName]?: Recover<E> } = {
  "experiments/create": findExperiment,
  "runs/create": findCreatedRun,
  "runs/log-model": findLoggedModel,
  "logged-models/create": findCreatedModel,
  "registered-models/create": findRegisteredModel,
  "model-versions/create": findModelVersion,
};

const marked: ReadonlySet<EndpointName> = new Set([
  "runs/create",
  "logged-models/create",
  "model-versions/create",
]);

/** The request with what makes its effect recognisable. */
export function markRequest<E extends EndpointName>(
  endpoint: E,
  request: RequestOf<E>,
  newId: () => string,
): RequestOf<E> {
  if (!marked.has(endpoint)) return request;
  const { tags = [] } = request as { readonly tags?: readonly KeyValue[] };
  return { ...request, tags: [...tags, { key: requestTag, value: newId() }] };
}

function markOf(request: { readonly tags?: readonly KeyValue[] }): string {
  return request.tags?.findLast((tag) => tag.key === requestTag)?.value ?? "";
}

async function findCreatedRun(
  request: RequestOf<"runs/create">,
  ask: Ask,
): Promise<ResponseOf<"runs/create"> | undefined> {
  const { runs } = await ask("runs/search", {
    experiment_ids: [request.experiment_id],
    filter: `tags.\`${requestTag}\` = '${markOf(request)}'`,
    run_view_type: "ALL",
    max_results: 2,
  });
  const run: TrackedRun | undefined = runs?.[0];
  return run === undefined ? undefined : { run };
}

/** A name stands for one experiment, so that the one that is there is the one that was wanted. */
async function findExperiment(
  request: RequestOf<"experiments/create">,
  ask: Ask,
): Promise<ResponseOf<"experiments/create"> | undefined> {
  return unlessMissing(async () => {
    const { experiment } = await ask("experiments/get-by-name", { experiment_name: request.name });
    const { experiment_id, lifecycle_stage } = experiment;
    return lifecycle_stage === "active" ? { experiment_id } : undefined;
  });
}

async function findCreatedModel(
  request: RequestOf<"logged-models/create">,
  ask: Ask,
): Promise<ResponseOf<"logged-models/create"> | undefined> {
  const { models } = await ask("logged-models/search", {
    experiment_ids: [request.experiment_id],
    filter: `tags.\`${requestTag}\` = '${markOf(request)}'`,
    max_results: 2,
  });
  const model = models?.[0];
  return model === undefined ? undefined : { model };
}

async function findRegisteredModel(
  { name }: RequestOf<"registered-models/create">,
  ask: Ask,
): Promise<ResponseOf<"registered-models/create"> | undefined> {
  return unlessMissing(() => ask("registered-models/get", { name }));
}

async function findModelVersion(
  request: RequestOf<"model-versions/create">,
  ask: Ask,
): Promise<ResponseOf<"model-versions/create"> | undefined> {
  const { model_versions = [] } = await ask("model-versions/search", {
    filter: `name = '${request.name}' AND tags.\`${requestTag}\` = '${markOf(request)}'`,
    max_results: 2,
  });
  const [version] = model_versions;
  return version === undefined ? undefined : { model_version: version };
}

/** The server keeps the models of a run as a JSON list in a tag of the run. */
async function findLoggedModel(
  request: RequestOf<"runs/log-model">,
  ask: Ask,
): Promise<ResponseOf<"runs/log-model"> | undefined> {
  const { run } = await ask("runs/get", { run_id: request.run_id });
  const history = run.data.tags?.find((tag) => tag.key === "mlflow.log-model.history")?.value;
  const wanted = modelIdentity(parse(request.model_json));
  const logged = parse(history ?? "[]");
  const found = Array.isArray(logged) && logged.some((model) => modelIdentity(model) === wanted);
  return found ? {} : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The server drops some keys and adds others; these it keeps. */
function modelIdentity(model: unknown): string {
  const fields = (model ?? {}) as Readonly<Record<string, unknown>>;
  const { run_id, artifact_path, utc_time_created } = fields;
  return JSON.stringify([run_id, artifact_path, utc_time_created]);
}
