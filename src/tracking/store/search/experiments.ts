/** experiments/search: filters by attributes and tags, sorts by attributes, page by page. */
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { readExperiments } from "../experiments.ts";
import { cutPage, readOffset } from "../page.ts";
import { experimentLanguage } from "./language.ts";
import { readFilter, readOrder, type Comparison } from "./filter.ts";
import {
  compareAttribute,
  comparePair,
  inLifecycle,
  requireAttribute,
  type Attributes,
  type Condition,
} from "./where.ts";
import { invalid, type Store } from "../store.ts";
import { checkPageSize } from "../validate.ts";

const attributes: Attributes = new Map([
  ["name", { column: "experiments.name", kind: "text" }],
  ["experiment_id", { column: "experiments.experiment_id", kind: "id", listed: true }],
  ["creation_time", { column: "experiments.creation_time", kind: "number" }],
  ["last_update_time", { column: "experiments.last_update_time", kind: "number" }],
]);

const defaultPageSize = 1000;

export function searchExperiments(
  store: Store,
  request: RequestOf<"experiments/search">,
): Promise<ResponseOf<"experiments/search">> {
  return store.database.read(() => {
    const size = request.max_results ?? defaultPageSize;
    checkPageSize(size);
    const offset = readOffset(request.page_token);
    const conditions = [
      inLifecycle("experiments.lifecycle_stage", request.view_type),
      ...readFilter(request.filter, experimentLanguage).map(compareExperiment),
    ];
    const rows = store.database.all(
      `SELECT * FROM experiments WHERE ${conditions.map(({ text }) => text).join(" AND ")}
       ORDER BY ${sortExperiments(request.order_by)} LIMIT ? OFFSET ?`,
      ...conditions.flatMap(({ values }) => values),
      size + 1,
      offset,
    );
    const { items, ...page } = cutPage(rows, { size, offset });
    return items.length === 0 ? page : { experiments: readExperiments(store, items), ...page };
  });
}

function compareExperiment(comparison: Comparison): Condition {
  switch (comparison.entity) {
    case "attribute":
      return compareAttribute(attributes, comparison);
    case "tag":
      return comparePair(
        { table: "experiment_tags", owner: "pair.experiment_id = experiments.experiment_id" },
        comparison,
      );
    default:
      throw invalid(`experiments have no ${comparison.entity}s`, "use attributes. or tags.");
  }
}

/** The newest first unless asked otherwise; what is equal goes by id, the highest first, as in MLflow. */
function sortExperiments(items: readonly string[] | undefined): string {
  const asked = items === undefined || items.length === 0;
  const keys = readOrder(
    asked ? ["creation_time DESC", "experiment_id ASC"] : items,
    experimentLanguage,
  );
  const terms = keys.map((key) => {
    if (key.entity !== "attribute") throw invalid(`experiments cannot be sorted by ${key.entity}s`);
    return `${requireAttribute(attributes, key).column} ${key.descending ? "DESC" : "ASC"}`;
  });
  return [...terms, "experiments.experiment_id DESC"].join(", ");
}
