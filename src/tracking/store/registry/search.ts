/** registered-models/search and model-versions/search: filters by names, runs and tags, page by page. */
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import type { Row } from "../database.ts";
import { cutPage, readOffset } from "../page.ts";
import { readFilter, readOrder, type Comparison } from "../search/filter.ts";
import { registryLanguage } from "../search/language.ts";
import {
  compareAttribute,
  comparePair,
  requireAttribute,
  type Attributes,
  type Condition,
} from "../search/where.ts";
import { invalid, type Store } from "../store.ts";
import {
  deletedStage,
  modelColumns,
  promptTag,
  readModel,
  readVersion,
  requireRegistry,
  versionColumns,
} from "./rows.ts";

interface Searched {
  readonly table: string;
  readonly columns: string;
  readonly attributes: Attributes;
  readonly orders: Attributes;
  readonly tags: { readonly table: string; readonly owner: string };
  readonly scope: string;
  /** What is sorted by when nothing is asked for. */
  readonly usualOrder: readonly string[];
  /** Behind what is asked for, unless it was. */
  readonly lastOrder: readonly string[];
  readonly page: { readonly least: number; readonly default: number; readonly most: number };
}

const models: Searched = {
  table: "registered_models",
  columns: modelColumns,
  attributes: new Map([["name", { column: "name", kind: "text", listed: true }]]),
  orders: new Map([
    ["name", { column: "name", kind: "text" }],
    ["timestamp", { column: "last_updated_time", kind: "number" }],
    ["last_updated_timestamp", { column: "last_updated_time", kind: "number" }],
  ]),
  tags: { table: "registered_model_tags", owner: "pair.name = registered_models.name" },
  scope: "TRUE",
  usualOrder: [],
  lastOrder: ["name ASC"],
  page: { least: 0, default: 100, most: 1000 },
};
const versions: Searched = {
  table: "model_versions",
  columns: versionColumns,
  attributes: new Map([
    ["name", { column: "name", kind: "text", listed: true }],
    ["run_id", { column: "run_id", kind: "text", listed: true }],
    ["source_path", { column: "source", kind: "text" }],
    ["version_number", { column: "version", kind: "version" }],
  ]),
  orders: new Map([
    ["name", { column: "name", kind: "text" }],
    ["version_number", { column: "version", kind: "number" }],
    ["creation_timestamp", { column: "creation_time", kind: "number" }],
    ["last_updated_timestamp", { column: "last_updated_time", kind: "number" }],
  ]),
  tags: {
    table: "model_version_tags",
    owner: "pair.name = model_versions.name AND pair.version = model_versions.version",
  },
  scope: `current_stage <> '${deletedStage}'`,
  usualOrder: ["last_updated_timestamp DESC", "name ASC", "version_number DESC"],
  lastOrder: ["name ASC", "version DESC"],
  page: { least: 1, default: 10_000, most: 200_000 },
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

type Request = RequestOf<"model-versions/search">;

interface Found {
  readonly items: readonly Row[];
  readonly next_page_token?: string;
}

function search(store: Store, searched: Searched, request: Request): Found {
  requireRegistry(store);
  const size = request.max_results ?? searched.page.default;
  if (size < searched.page.least || size > searched.page.most)
    throw invalid(`max_results is ${size}`, `use a whole number from 1 to ${searched.page.most}`);
  const offset = readOffset(request.page_token);
  const conditions = conditionsOf(searched, readFilter(request.filter, registryLanguage));
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

/** Prompts are found only by who asks for prompts, and then nothing else is. */
function conditionsOf(
  searched: Searched,
  comparisons: readonly Comparison[],
): readonly Condition[] {
  const scope = { text: searched.scope, values: [] };
  const prompt = comparisons.find(isPromptComparison);
  if (prompt !== undefined && asksForPrompts(prompt))
    return [scope, ...comparisons.map((comparison) => compare(searched, comparison))];
  const { table } = searched.tags;
  const noPrompt = {
    text: `NOT EXISTS (SELECT 1 FROM ${table} AS pair
      WHERE pair.name = ${searched.table}.name AND pair.key = ? AND pair.value = 'true')`,
    values: [promptTag],
  };
  const others = comparisons.filter((comparison) => !isPromptComparison(comparison));
  return [scope, noPrompt, ...others.map((comparison) => compare(searched, comparison))];
}

function isPromptComparison({ entity, key }: Comparison): boolean {
  return entity === "tag" && key === promptTag;
}

function asksForPrompts(comparison: Comparison): boolean {
  const value = "value" in comparison ? String(comparison.value).toLowerCase() : "";
  return (
    (comparison.operator === "=" && value === "true") ||
    (comparison.operator === "!=" && value === "false")
  );
}

function compare({ attributes, tags }: Searched, comparison: Comparison): Condition {
  switch (comparison.entity) {
    case "attribute":
      return compareAttribute(attributes, comparison);
    case "tag":
      if (comparison.operator.startsWith("IS "))
        throw invalid("the registry does not search for tags that are not there");
      return comparePair(tags, comparison);
    default:
      throw invalid(`the registry has no ${comparison.entity}s`, "use attribute. or tags.");
  }
}

function order({ orders, usualOrder, lastOrder }: Searched, items: readonly string[] = []): string {
  const keys = readOrder(items.length === 0 ? usualOrder : items, registryLanguage);
  const terms = keys.map((key) => {
    if (key.entity !== "attribute")
      throw invalid(`the registry cannot be sorted by ${key.entity}s`, "use attributes");
    return `${requireAttribute(orders, key).column} ${key.descending ? "DESC" : "ASC"}`;
  });
  const columns = terms.map((term) => term.replace(/ .*/, ""));
  if (new Set(columns).size < columns.length) throw invalid("order_by names the same thing twice");
  return [...terms, ...lastOrder.filter((term) => !columns.includes(term.replace(/ .*/, "")))].join(
    ", ",
  );
}
