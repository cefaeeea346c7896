/** The values of an entry point's parameters: what is given, else the defaults. */
import { suggest } from "../source/suggest.ts";
import type { EntryPoint, Parameter } from "./project.ts";
import { ProjectRefused } from "./refused.ts";

export interface ChosenParam {
  readonly name: string;
  /** Undefined for what the entry point does not declare. */
  readonly declared: Parameter | undefined;
  /** As it was given or as the default is printed; this is logged. */
  readonly text: string;
  readonly isDefault: boolean;
}

/** MLflow's own rule for names of params. */
const loggable = /^[/\p{L}\p{N}_.\- :]+$/u;

/**
 * Declared ones in their order, then the others as they were given. `strict` refuses those others, unless the entry point
 * is a script, which declares nothing, and what is given for a number and is none. Throws ProjectRefused.
 */
export function chooseParams(
  entry: EntryPoint,
  given: ReadonlyMap<string, string>,
  { strict }: { readonly strict: boolean },
): readonly ChosenParam[] {
  const { parameters } = entry;
  refuseMissing(parameters, given);
  const names = parameters.map(({ name }) => name);
  const others = [...given].filter(([name]) => !names.includes(name));
  if (strict && entry.place) refuseOthers(entry, others, names);
  const chosen = [
    ...parameters.map((one): ChosenParam => ({
      name: one.name,
      declared: one,
      text: given.get(one.name) ?? one.default ?? "",
      isDefault: !given.has(one.name),
    })),
    ...others.map(([name, text]) => ({ name, declared: undefined, text, isDefault: false })),
  ];
  for (const param of chosen) checkLoggable(param);
  if (strict) for (const one of parameters) refuseNoNumber(one, given.get(one.name));
  return chosen;
}

function refuseMissing(parameters: readonly Parameter[], given: ReadonlyMap<string, string>): void {
  const missing = parameters.filter((one) => one.default === undefined && !given.has(one.name));
  if (missing.length === 0) return;
  throw new ProjectRefused(
    `no value is given for ${missing.map(({ name }) => `\`${name}\``).join(", ")}`,
    `give it: ${missing.map(({ name }) => `-P ${name}=…`).join(" ")}`,
  );
}

function refuseOthers(
  { name: entry }: EntryPoint,
  others: readonly (readonly [string, string])[],
  names: readonly string[],
): void {
  const [first] = others;
  if (!first) return;
  const near = suggest(first[0], names);
  const known = names.length > 0 ? `it has ${names.join(", ")}` : "it has none";
  throw new ProjectRefused(
    `\`${entry}\` has no parameter \`${first[0]}\`; ${near ? `did you mean \`${near}\`?` : known}`,
    "what is not declared is passed on with --no-strict, as --name value behind the command",
  );
}

/** MLflow documents `float`, and mlpipe writes `int` too; what stands for no value at all is the command's to judge. */
function refuseNoNumber({ name, type }: Parameter, text: string | undefined): void {
  if (text === undefined || /^(|none|null)$/i.test(text)) return;
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  const isSpecial = /^[+-]?(inf|infinity|nan)$/i.test(text);
  if (type === "int" ? /^[+-]?\d+$/.test(text) : type !== "float" || isNumber || isSpecial) return;
  throw new ProjectRefused(
    `\`${name}\` is of type ${type}, and \`${text}\` is no ${type === "int" ? "whole number" : "number"}`,
    "give one, or have it passed on as it is with --no-strict",
  );
}

function checkLoggable({ name, text }: ChosenParam): void {
  if (!loggable.test(name))
    throw new ProjectRefused(
      `\`${name}\` cannot be the name of a param: MLflow refuses it`,
      "use letters, digits, _ - . / : and spaces",
    );
  if (text.includes("\0"))
    throw new ProjectRefused(
      `the value of \`${name}\` holds a NUL, which no program can be given`,
      "leave it out",
    );
}
