/** Calls whose repetition would have an effect of its own: before they are sent again, the server is asked what it has. */
import type { EndpointName, RequestOf, ResponseOf, TrackedRun } from "./endpoints.ts";
import { TrackingError } from "./tracking.ts";

/** Names one intended run, so that a run whose creation went unanswered can be found. */
export const requestTag = "mlpipe.client_request_id";

/** One exchange inside a bigger call; rejects like the call itself. */
export type Ask = <E extends EndpointName>(
  endpoint: E,
  request: RequestOf<E>,
) => Promise<ResponseOf<E>>;

/** How to find out whether an earlier attempt has come through: its response if so. Undefined: sending twice does no harm. */
type Recover<E extends EndpointName> =
  | ((request: RequestOf<E>, ask: Ask) => Promise<ResponseOf<E> | undefined>)
  | undefined;

export const recoveries: { readonly [E in EndpointName]: Recover<E> } = {
  "experiments/create": findExperiment,
  "experiments/get": undefined,
  "experiments/get-by-name": undefined,
  "experiments/search": undefined,
  "experiments/set-experiment-tag": undefined,
  "runs/create": findCreatedRun,
  "runs/update": undefined,
  "runs/get": undefined,
  "runs/search": undefined,
  // Params and tags are set, not added, and a metric that is the same in every field is stored once.
  "runs/log-batch": undefined,
  "runs/set-tag": undefined,
  "runs/log-model": findLoggedModel,
  "metrics/get-history": undefined,
  "artifacts/list": undefined,
};

/** The request with what makes its effect recognisable. */
export function markRequest<E extends EndpointName>(
  endpoint: E,
  request: RequestOf<E>,
  newId: () => string,
): RequestOf<E> {
  if (endpoint !== "runs/create") return request;
  const create = request as RequestOf<"runs/create">;
  return { ...create, tags: [...(create.tags ?? []), { key: requestTag, value: newId() }] };
}

async function findCreatedRun(
  request: RequestOf<"runs/create">,
  ask: Ask,
): Promise<ResponseOf<"runs/create"> | undefined> {
  const id = request.tags?.findLast((tag) => tag.key === requestTag)?.value ?? "";
  const { runs } = await ask("runs/search", {
    experiment_ids: [request.experiment_id],
    filter: `tags.\`${requestTag}\` = '${id}'`,
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
  try {
    const { experiment } = await ask("experiments/get-by-name", { experiment_name: request.name });
    const { experiment_id, lifecycle_stage } = experiment;
    return lifecycle_stage === "active" ? { experiment_id } : undefined;
  } catch (error) {
    if (error instanceof TrackingError && error.code === "RESOURCE_DOES_NOT_EXIST")
      return undefined;
    throw error;
  }
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
