/** runs/search: filters and sorts by attributes, latest metrics, params, tags and data sets, page by page. */
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { textOf, type Row } from "../database.ts";
import { cutPage, readOffset } from "../page.ts";
import { runColumns } from "../run-row.ts";
import { readRuns } from "../runs.ts";
import type { Store } from "../store.ts";
import { checkPageSize, readExperimentId } from "../validate.ts";
import { readFilter } from "./filter.ts";
import { findRuns } from "./find-runs.ts";
import { runLanguage } from "./language.ts";
import { compareRun } from "./run-conditions.ts";
import { orderRuns } from "./run-order.ts";

const defaultPageSize = 1000;

export function searchRuns(
  store: Store,
  request: RequestOf<"runs/search">,
): Promise<ResponseOf<"runs/search">> {
  return store.database.read(() => {
    const size = request.max_results ?? defaultPageSize;
    checkPageSize(size);
    const offset = readOffset(request.page_token);
    const comparisons = readFilter(request.filter, runLanguage);
    const found = findRuns(store.database, {
      experiments: request.experiment_ids.map(readExperimentId),
      view: request.run_view_type,
      conditions: comparisons.map((comparison) => compareRun(store.database, comparison)),
      order: orderRuns(request.order_by),
      limit: size + 1,
      offset,
    });
    const { items, ...page } = cutPage(found, { size, offset });
    return items.length === 0 ? page : { runs: readRuns(store, readRows(store, items)), ...page };
  });
}

/** In the order of the ids. */
function readRows(store: Store, ids: readonly string[]): readonly Row[] {
  const rows = store.database.all(
    `SELECT ${runColumns} FROM runs WHERE run_uuid IN (SELECT value FROM json_each(?))`,
    JSON.stringify(ids),
  );
  const byId = new Map(rows.map((row) => [textOf(row, "run_uuid"), row]));
  return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
}
