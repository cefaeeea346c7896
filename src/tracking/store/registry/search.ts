/** registered-models/search and model-versions/search: filters by names, runs and tags, page by page. */
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import type { Value } from "../database.ts";
import { cutPage, readOffset } from "../page.ts";
import { registryLanguage } from "../search/language.ts";
import { readFilter, readOrder, type Comparison } from "../search/filter.ts";
import {
  compareAttribute,
  comparePair,
  requireAttribute,
  type Attributes,
  type Condition,
} from "../search/where.ts";
import { invalid, type Store } from "../store.ts";
import { deletedStage, modelColumns, readModel, readVersion, versionColumns } from "./rows.ts";

const modelAttributes: Attributes = new Map([
  ["name", { column: "registered_models.name", kind: "text" }],
]);
const modelOrders: Attributes = new Map([
  ["name", { column: "registered_models.name", kind: "text" }],
  ["timestamp", { column: "registered_models.last_updated_time", kind: "number" }],
  ["last_updated_timestamp", { column: "registered_models.last_updated_time", kind: "number" }],
]);
const versionAttributes: Attributes = new Map([
  ["name", { column: "model_versions.name", kind: "text" }],
  ["run_id", { column: "model_versions.run_id", kind: "text", listed: true }],
  ["source_path", { column: "model_versions.source", kind: "text" }],
  ["version_number", { column: "model_versions.version", kind: "number" }],
]);
const versionOrders: Attributes = new Map([
  ["name", { column: "model_versions.name", kind: "text" }],
  ["version_number", { column: "model_versions.version", kind: "number" }],
  ["creation_timestamp", { column: "model_versions.creation_time", kind: "number" }],
  ["last_updated_timestamp", { column: "model_versions.last_updated_time", kind: "number" }],
]);

interface Searched {
  readonly table: string;
  readonly columns: string;
  readonly attributes: Attributes;
  readonly orders: Attributes;
  readonly tags: { readonly table: string; readonly owner: string };
  readonly scope: string;
  /** Behind what is asked for. */
  readonly lastOrder: string;
  readonly page: { readonly default: number; readonly most: number };
}

const models: Searched = {
  table: "registered_models",
  columns: modelColumns,
  attributes: modelAttributes,
  orders: modelOrders,
  tags: { table: "registered_model_tags", owner: "pair.name = registered_models.name" },
  scope: "TRUE",
  lastOrder: "registered_models.name ASC",
  page: { default: 100, most: 1000 },
};
const versions: Searched = {
  table: "model_versions",
  columns: versionColumns,
  attributes: versionAttributes,
  orders: versionOrders,
  tags: {
    table: "model_version_tags",
    owner: "pair.name = model_versions.name AND pair.version = model_versions.version",
  },
  scope: `model_versions.current_stage <> '${deletedStage}'`,
  lastOrder:
    "model_versions.last_updated_time DESC, model_versions.name ASC, model_versions.version DESC",
  page: { default: 10_000, most: 200_000 },
};

export function searchRegisteredModels(
  store: Store,
  request: RequestOf<"registered-models/search">,
): Promise<ResponseOf<"registered-models/search">> {
  return store.database.read(() => {
    const { items, ...page } = search(store, models, request);
    if (items.length === 0) return page;
    return { registered_models: items.map((row) => readModel(store, row)), ...page };
  });
}

export function listRegisteredModels(
  store: Store,
  { max_results, page_token }: RequestOf<"registered-models/list">,
): Promise<ResponseOf<"registered-models/list">> {
  return searchRegisteredModels(store, {
    ...(max_results === undefined ? {} : { max_results }),
    ...(page_token === undefined ? {} : { page_token }),
  });
}

export function searchModelVersions(
  store: Store,
  request: RequestOf<"model-versions/search">,
): Promise<ResponseOf<"model-versions/search">> {
  return store.database.read(() => {
    const { items, ...page } = search(store, versions, request);
    if (items.length === 0) return page;
    return { model_versions: items.map((row) => readVersion(store, row)), ...page };
  });
}

function search(store: Store, searched: Searched, request: RequestOf<"model-versions/search">) {
  const size = request.max_results ?? searched.page.default;
  if (!Number.isInteger(size) || size < 0 || size > searched.page.most)
    throw invalid(`max_results is ${size}`, `use a whole number from 1 to ${searched.page.most}`);
  const offset = readOffset(request.page_token);
  const conditions = [
    { text: searched.scope, values: [] as readonly Value[] },
    ...readFilter(request.filter, registryLanguage).map((comparison) =>
      compare(searched, comparison),
    ),
  ];
  const rows = store.database.all(
    `SELECT ${searched.columns} FROM ${searched.table}
     WHERE ${conditions.map(({ text }) => text).join(" AND ")}
     ORDER BY ${order(searched, request.order_by)} LIMIT ? OFFSET ?`,
    ...conditions.flatMap(({ values }) => values),
    size + 1,
    offset,
  );
  return cutPage(rows, { size, offset });
}

function compare({ attributes, tags }: Searched, comparison: Comparison): Condition {
  switch (comparison.entity) {
    case "attribute":
      return compareAttribute(attributes, comparison);
    case "tag":
      return comparePair(tags, comparison);
    default:
      throw invalid(`the registry has no ${comparison.entity}s`, "use attributes. or tags.");
  }
}

function order({ orders, lastOrder }: Searched, items: readonly string[] | undefined): string {
  const terms = readOrder(items, registryLanguage).map((key) => {
    if (key.entity !== "attribute")
      throw invalid(`the registry cannot be sorted by ${key.entity}s`, "use attributes");
    return `${requireAttribute(orders, key).column} ${key.descending ? "DESC" : "ASC"}`;
  });
  return [...terms, lastOrder].join(", ");
}
