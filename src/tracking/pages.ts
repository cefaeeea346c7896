/** Lists that a tracker gives page by page. */
import { isModelId } from "./artifact-owner.ts";
import type { ArtifactFile, Experiment, MetricPoint, ViewType } from "./entities.ts";
import type { EndpointName, RequestOf, ResponseOf } from "./endpoints.ts";
import type { Tracking } from "./tracking.ts";

/** Calls whose answers name a next page. */
type PagedName = {
  [E in EndpointName]: ResponseOf<E> extends { readonly next_page_token?: string } ? E : never;
}[EndpointName];

/** Every page, until one names no next page or the one before it again. */
export async function* askPages<E extends PagedName>(
  tracking: Pick<Tracking, "call">,
  endpoint: E,
  request: RequestOf<E>,
): AsyncGenerator<ResponseOf<E>> {
  let token: string | undefined;
  for (;;) {
    const ask = token === undefined ? request : { ...request, page_token: token };
    const page = await tracking.call(endpoint, ask);
    yield page;
    const next = "next_page_token" in page ? page.next_page_token : undefined;
    if (typeof next !== "string" || next === "" || next === token) return;
    token = next;
  }
}

/** All items of all pages. */
export async function gather<Item>(
  pages: AsyncIterable<readonly Item[] | undefined>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of pages) for (const item of page ?? []) items.push(item);
  return items;
}

/** Pages of one item. */
export async function* one<Item>(items: AsyncIterable<Item>): AsyncGenerator<readonly Item[]> {
  for await (const item of items) yield [item];
}

/** As many at a time as every MLflow gives. */
const pageSize = 1000;

export async function listExperiments(
  tracking: Pick<Tracking, "call">,
  view_type: ViewType,
): Promise<readonly Experiment[]> {
  const found: Experiment[] = [];
  const ask = { max_results: pageSize, view_type };
  for await (const { experiments = [] } of askPages(tracking, "experiments/search", ask))
    found.push(...experiments);
  return found;
}

/** What lies directly in a folder of the artifacts of a run, or of a logged model; "" is their root. */
export async function listFolder(
  tracking: Pick<Tracking, "call">,
  ownerId: string,
  path: string,
): Promise<readonly ArtifactFile[]> {
  const found: ArtifactFile[] = [];
  const pages = isModelId(ownerId)
    ? askPages(tracking, "logged-models/list-artifacts", {
        model_id: ownerId,
        ...(path !== "" && { artifact_directory_path: path }),
      })
    : askPages(tracking, "artifacts/list", { run_id: ownerId, ...(path !== "" && { path }) });
  for await (const { files = [] } of pages) found.push(...files);
  return found;
}

/** As many points as MLflow and Databricks give at a time. */
const pointsPerPage = 25_000;

/** All points of a metric of a run, in the order of their steps, then of their times. */
export async function readHistory(
  tracking: Pick<Tracking, "call">,
  runId: string,
  key: string,
): Promise<readonly MetricPoint[]> {
  const ask = { run_id: runId, metric_key: key, max_results: pointsPerPage };
  const found: MetricPoint[] = [];
  for await (const { metrics = [] } of askPages(tracking, "metrics/get-history", ask))
    for (const point of metrics) found.push(point);
  return found.toSorted((a, b) => a.step - b.step || a.timestamp - b.timestamp);
}
