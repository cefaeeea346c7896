/** Lists that a tracker gives page by page. */
import { isModelId } from "./artifact-owner.ts";
import type { ArtifactFile, Experiment, ViewType } from "./entities.ts";
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
