/** Lists that a tracker gives page by page, read whole. */
import type { ArtifactFile, Experiment, TrackedRun, ViewType } from "../../tracking/entities.ts";
import type { RequestOf } from "../../tracking/endpoints.ts";
import type { Tracking } from "../../tracking/tracking.ts";

interface Page<T> {
  readonly items: readonly T[] | undefined;
  /** Empty or absent on the last page. */
  readonly token: string | undefined;
}

/** The first `most` items, or all. */
export async function readPages<T>(
  most: number,
  read: (page: { readonly page_token?: string }) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let token: string | undefined;
  do {
    const page = await read(token ? { page_token: token } : {});
    for (const item of page.items ?? []) items.push(item);
    // A server that names the page again that it gave would go on for ever.
    token = page.token === token ? undefined : page.token;
  } while (token && items.length < most);
  return items.length > most ? items.slice(0, most) : items;
}

/** What every MLflow gives at a time. */
const pageSize = 1000;

export function listExperiments(
  tracking: Tracking,
  view: ViewType,
): Promise<readonly Experiment[]> {
  return readPages(Infinity, async (page) => {
    const request = { max_results: pageSize, view_type: view, ...page };
    const answer = await tracking.call("experiments/search", request);
    return { items: answer.experiments, token: answer.next_page_token };
  });
}

type RunSearch = Omit<RequestOf<"runs/search">, "max_results" | "page_token">;

/** The first `most` runs that the search finds. */
export function searchRuns(
  tracking: Tracking,
  search: RunSearch,
  most: number,
): Promise<readonly TrackedRun[]> {
  return readPages(most, async (page) => {
    const request = { ...search, max_results: Math.min(most, pageSize), ...page };
    const answer = await tracking.call("runs/search", request);
    return { items: answer.runs, token: answer.next_page_token };
  });
}

/** What lies directly in a folder of a run's artifacts; "" is their root. */
export function listFolder(
  tracking: Tracking,
  runId: string,
  path: string,
): Promise<readonly ArtifactFile[]> {
  return readPages(Infinity, async (page) => {
    const request = { run_id: runId, ...(path === "" ? {} : { path }), ...page };
    const answer = await tracking.call("artifacts/list", request);
    return { items: answer.files, token: answer.next_page_token };
  });
}
