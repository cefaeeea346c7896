/** Params: their type, default and domain. */
import type { Module, ParamItem } from "../syntax/ast.ts";
import { type CheckContext, placeIn, say } from "./context.ts";
import { contains, describeDomain, describeValue, isTextType } from "./domain.ts";
import { checkLength, isName } from "./keys.ts";
import type { Domain, Param, ParamType, Value } from "./program.ts";
import { readDomain } from "./read-domain.ts";
import { fixedText } from "./texts.ts";
import { readValue, sourceOf, typeOfValue } from "./values.ts";

/** MLflow's longest value of a param. */
const longestValue = 6000;

/** A param, as good as it could be read; a default that is wrong is left out. */
export function readParam(context: CheckContext, module: Module, item: ParamItem): Param {
  checkName(context, module, item);
  const type = item.type?.name ?? inferType(context, module, item);
  const nullable = item.type?.nullable ?? false;
  const domain = item.domain && readDomain(context, module, item.domain, type);
  return {
    name: item.key.text,
    type,
    nullable,
    default: readDefault(context, module, item, { type, nullable, domain }),
    domain,
    doc: docOf(context, module, item),
    place: placeIn(module, item.key.span),
  };
}

/** The `#'` lines above an item, or else the note at its end. */
export function docOf(
  context: CheckContext,
  module: Module,
  item: Pick<ParamItem, "doc" | "note">,
): string {
  if (item.note === undefined) return item.doc?.text ?? "";
  const note = fixedText(context, module, item.note);
  return item.doc ? `${item.doc.text}\n${note}` : note;
}

function checkName(context: CheckContext, module: Module, { key }: ParamItem): void {
  if (key.quoted && !isName(key.text)) {
    const place = placeIn(module, key.span);
    say(context, "E0204", place, { name: key.text, language: undefined, instead: undefined });
  }
  const name = { kind: "param's name", text: key.text, limit: 250 };
  checkLength(context, module, key, name);
}

/**
 * The type of a param that states none: its default's; a whole default beside a domain with fractions is a float. Without
 * a default the domain decides: a list by its first value, a range is of floats; all else is a string.
 */
function inferType(context: CheckContext, module: Module, item: ParamItem): ParamType {
  if (item.default === undefined) return typeOfDomain(item) ?? "string";
  const type = typeOfValue(item.default);
  if (type !== undefined) return type === "int" && hasFractions(item) ? "float" : type;
  const found = sourceOf(module, item.default);
  const fix = `write the type: \`param ${item.key.text}: float = …\``;
  if (item.default.kind === "null")
    say(context, "E0301", placeIn(module, item.default.span), {
      found,
      expected: "a value that shows the param's type",
      fix: fix.replace("float", "float?").replace("…", "null"),
    });
  return typeOfDomain(item) ?? "string";
}

function typeOfDomain({ domain }: ParamItem): ParamType | undefined {
  if (domain?.kind === "range") return "float";
  if (domain?.kind !== "list" || domain.items[0] === undefined) return undefined;
  const types = domain.items.map(typeOfValue);
  return types.every((type) => type === "int" || type === "float") && types.includes("float")
    ? "float"
    : types[0];
}

function hasFractions({ domain }: ParamItem): boolean {
  if (domain?.kind === "range")
    return [domain.low, domain.high, domain.by].some((it) => it && !it.integer);
  return domain?.kind === "list" && domain.items.some((it) => typeOfValue(it) === "float");
}

function readDefault(
  context: CheckContext,
  module: Module,
  item: ParamItem,
  known: {
    readonly type: ParamType;
    readonly nullable: boolean;
    readonly domain: Domain | undefined;
  },
): Value | undefined {
  const { type, nullable, domain } = known;
  if (item.default === undefined) return undefined;
  if (item.default.kind === "null" && item.type === undefined) return undefined;
  const value = readValue(context, module, item.default, type, nullable);
  if (value === undefined) return undefined;
  if (typeof value === "string" && isTextType(type))
    checkLength(context, module, item.default, {
      kind: "default",
      text: value,
      limit: longestValue,
    });
  if (value === null || domain === undefined || contains(domain, value)) return value;
  say(context, "E0302", placeIn(module, item.default.span), {
    name: item.key.text,
    value: describeValue(value),
    domain: describeDomain(domain),
  });
  return undefined;
}
