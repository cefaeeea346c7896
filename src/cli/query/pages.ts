/** Lists that a tracker gives page by page, as long as they are wanted. */
import type { TrackedRun } from "../../tracking/entities.ts";
import type { RequestOf } from "../../tracking/endpoints.ts";
import { askPages } from "../../tracking/pages.ts";
import type { Tracking } from "../../tracking/tracking.ts";

/** The first `most` items of all pages. */
export async function takeItems<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
  most = Infinity,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of pages) {
    for (const item of itemsOf(page) ?? []) items.push(item);
    if (items.length >= most) break;
  }
  return items.length > most ? items.slice(0, most) : items;
}

/** What every MLflow gives at a time. */
const pageSize = 1000;

type RunSearch = Omit<RequestOf<"runs/search">, "max_results" | "page_token">;

/** The first `most` runs that the search finds. */
export function searchRuns(
  tracking: Tracking,
  search: RunSearch,
  most: number,
): Promise<readonly TrackedRun[]> {
  const request = { ...search, max_results: Math.min(most, pageSize) };
  return takeItems(askPages(tracking, "runs/search", request), ({ runs }) => runs, most);
}
