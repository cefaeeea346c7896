/** Keys that MLflow keeps: E0501 where it refuses one, E0502 where one is too long, E0503 where it has a meaning already. */
import type { Key, Module, Node } from "../syntax/ast.ts";
import { type CheckContext, placeIn, say } from "./context.ts";

/** MLflow's longest key; counted in code points. */
const longestKey = 250;
const longestExperiment = 500;

/** A name: a letter or `_`, then letters, digits, `_`; not `true`, `false`, `null`. */
export function isName(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text) && !/^(?:true|false|null)$/u.test(text);
}

/** The variable that holds what `key` names; undefined where the key is not a name. */
export function variableOf(key: Key): string | undefined {
  return !key.quoted || isName(key.text) ? key.text : undefined;
}

/** Holds a metric's or a tag's key to MLflow's rules. */
export function checkKey(
  context: CheckContext,
  module: Module,
  key: Key,
  kind: "metric" | "tag",
): void {
  const because = whyRefused(key.text);
  const place = placeIn(module, key.span);
  if (because !== undefined) say(context, "E0501", place, { kind, key: key.text, because });
  else checkLength(context, module, key, { kind, text: key.text, limit: longestKey });
}

/** Holds a tag's key to MLflow's rules, and warns where MLflow or mlpipe writes that tag itself. */
export function checkTagKey(context: CheckContext, module: Module, key: Key): void {
  checkKey(context, module, key, "tag");
  const prefix = /^(mlflow|mlpipe)\./u.exec(key.text)?.[0];
  if (prefix !== undefined)
    say(context, "E0503", placeIn(module, key.span), { key: key.text, prefix });
}

/** Says E0502 where `text` has more code points than `limit`. */
export function checkLength(
  context: CheckContext,
  module: Module,
  node: Node,
  { kind, text, limit }: { readonly kind: string; readonly text: string; readonly limit: number },
): void {
  if (text.length <= limit) return;
  const length = Array.from(text).length;
  if (length > limit) say(context, "E0502", placeIn(module, node.span), { kind, length, limit });
}

/** Holds an experiment's name to MLflow's rules, and to Databricks' where runs are tracked there. */
export function checkExperimentName(
  context: CheckContext,
  module: Module,
  node: Node,
  name: string,
): void {
  const isDatabricks = context.options.tracking === "databricks";
  const place = placeIn(module, node.span);
  if (name.trim() === "")
    say(context, "E0501", place, { kind: "experiment", key: name, because: "it is empty" });
  else if (isDatabricks && !name.startsWith("/")) say(context, "E0504", place, { name });
  checkLength(context, module, node, { kind: "experiment", text: name, limit: longestExperiment });
}

function whyRefused(key: string): string | undefined {
  if (/^\w+$/u.test(key)) return undefined;
  if (key === "") return "it is empty";
  const strange = /[^\p{L}\p{N}_/.\- :]/u.exec(key)?.[0];
  if (strange !== undefined) return `it holds ${JSON.stringify(strange)}`;
  const isPlain = key.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  return isPlain && !key.startsWith("..")
    ? undefined
    : "read as a path it is not in its plain form";
}
