/** What a run's rest needs to know of its server once that is lost: remembered from calls that the server has answered. */
import { endpoints, type EndpointName, type RequestOf, type ResponseOf } from "../endpoints.ts";
import type { KeyValue, RunInfo, TrackedRun } from "../entities.ts";

interface SeenRun {
  readonly info: RunInfo;
  /** By key. */
  readonly tags: Map<string, string>;
}

export interface Seen {
  /** Names of the server's experiments, by id. */
  readonly experiments: Map<string, string>;
  /** The server's runs that were made or looked at. */
  readonly runs: Map<string, SeenRun>;
  /** Ids of the runs that were made, adopted or written to; all others are only the server's. */
  readonly own: Set<string>;
}

export function startSeen(adopted: string | undefined): Seen {
  const own = new Set(adopted === undefined ? [] : [adopted]);
  return { experiments: new Map(), runs: new Map(), own };
}

/** Whether the call changes the run that it names. */
export function isWrite(endpoint: EndpointName): boolean {
  return endpoint.startsWith("runs/") && endpoints[endpoint].verbs[0] !== "GET";
}

/** The run that a call is about. */
export function runIdOf(request: object): string | undefined {
  const { run_id } = request as { readonly run_id?: unknown };
  return typeof run_id === "string" ? run_id : undefined;
}

export function remember<E extends EndpointName>(
  seen: Seen,
  endpoint: E,
  request: RequestOf<E>,
  response: ResponseOf<E>,
): void {
  const runId = runIdOf(request);
  if (runId !== undefined && isWrite(endpoint)) seen.own.add(runId);
  note[endpoint]?.(seen, request, response);
}

type Note<E extends EndpointName> = (
  seen: Seen,
  request: RequestOf<E>,
  response: ResponseOf<E>,
) => void;

const note: { readonly [E in EndpointName]?: Note<E> } = {
  "experiments/create": ({ experiments }, { name }, { experiment_id }) =>
    experiments.set(experiment_id, name),
  "experiments/get": noteExperiment,
  "experiments/get-by-name": noteExperiment,
  "runs/create": (seen, _, { run }) => {
    seen.own.add(run.info.run_id);
    noteRun(seen, run);
  },
  "runs/get": (seen, _, { run }) => noteRun(seen, run),
  "runs/update": ({ runs }, { run_id }, { run_info }) => {
    const run = runs.get(run_id);
    if (run !== undefined) runs.set(run_id, { ...run, info: run_info });
  },
  "runs/set-tag": (seen, { run_id, ...tag }) => noteTags(seen, run_id, [tag]),
  "runs/log-batch": (seen, { run_id, tags }) => noteTags(seen, run_id, tags),
  "runs/delete-tag": ({ runs }, { run_id, key }) => runs.get(run_id)?.tags.delete(key),
};

function noteExperiment(
  { experiments }: Seen,
  _: object,
  { experiment }: ResponseOf<"experiments/get">,
): void {
  experiments.set(experiment.experiment_id, experiment.name);
}

function noteRun({ runs }: Seen, { info, data }: TrackedRun): void {
  const tags = new Map(data.tags?.map(({ key, value }) => [key, value]));
  runs.set(info.run_id, { info, tags });
}

function noteTags({ runs }: Seen, runId: string, tags: readonly KeyValue[] = []): void {
  const known = runs.get(runId)?.tags;
  for (const { key, value } of tags) known?.set(key, value);
}
