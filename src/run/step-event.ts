/** Reads one line of `events.ndjson`; nothing that a step's code may have put there is trusted. */
import { isHexFloat } from "./hex-float.ts";
import type { StepEvent } from "./protocol.ts";

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isText: Check = (it) => typeof it === "string";
const isWhole: Check = (it) => Number.isSafeInteger(it);
const isTruth: Check = (it) => typeof it === "boolean";
const isFloat: Check = (it) => typeof it === "string" && isHexFloat(it);
const isObject = (it: unknown): it is Fields => typeof it === "object" && it !== null;
const isListOf =
  (check: Check): Check =>
  (it) =>
    Array.isArray(it) && it.every(check);
const isOrNull =
  (check: Check): Check =>
  (it) =>
    it === null || check(it);
const isPackage: Check = (it) => isObject(it) && isText(it.name) && isText(it.version);
const isTexts: Check = (it) => isObject(it) && Object.values(it).every(isText);
const isFlavor: Check = (it) => it === "crate" || it === "file" || it === "folder";
/** A relative path that stays below the folder it is taken from. */
export const isInside: Check = (it) =>
  typeof it === "string" && it !== "" && !/^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\0/.test(it);

const isPlace: Check = (it) => isObject(it) && isText(it.name) && isText(it.path);
const isLoaded: Check = (it) =>
  isObject(it) &&
  isListOf(isPlace)(it.packages) &&
  isListOf(isText)(it.libraries) &&
  isListOf(isText)(it.files);
const isFacts: Check = (it) =>
  it === undefined ||
  (isObject(it) &&
    [it.locale, it.collator, it.state].every(isText) &&
    [it.libraries, it.base, it.atStart, it.atEnd].every(isListOf(isText)));

const finding = {
  code: isText,
  message: isText,
  fix: isText,
  file: isOrNull(isText),
  line: isOrNull(isWhole),
  column: isOrNull(isWhole),
  trace: isListOf(isText),
};
const fieldsOf: Readonly<Record<StepEvent["kind"], Readonly<Record<string, Check>>>> = {
  start: { runtime: isText, session: (it) => it === undefined || isText(it) },
  metric: { key: isText, value: isFloat, step: isWhole },
  metrics: { key: isText, values: isListOf(isFloat), steps: isListOf(isWhole) },
  tag: { key: isText, value: isText },
  artifact: { key: isText, path: isInside, folder: isTruth },
  model: {
    key: isText,
    path: isInside,
    flavor: isFlavor,
    flavorInfo: isTexts,
    packages: isListOf(isPackage),
  },
  warning: finding,
  error: finding,
  swallowed: { message: isText, file: isOrNull(isText), line: isOrNull(isWhole) },
  end: {
    ok: isTruth,
    packages: isListOf(isPackage),
    unseeded: isTruth,
    loaded: isLoaded,
    facts: isFacts,
  },
};

/** The event, or what is wrong with the line as the end of a sentence. */
export function parseStepEvent(line: string): StepEvent | { readonly problem: string } {
  const event = parseObject(line);
  if (!event) return { problem: "is not a JSON object" };
  const { kind } = event;
  if (typeof kind !== "string" || !Object.hasOwn(fieldsOf, kind))
    return { problem: `has the unknown kind ${JSON.stringify(kind) ?? "undefined"}` };
  const checks = { t: isWhole, ...fieldsOf[kind as StepEvent["kind"]] };
  const wrong = Object.entries(checks).find(([name, check]) => !check(event[name]));
  if (wrong) return { problem: `(${kind}) lacks a proper \`${wrong[0]}\`` };
  if (kind === "metrics" && lengthOf(event.values) !== lengthOf(event.steps))
    return { problem: "(metrics) has not as many values as steps" };
  return event as unknown as StepEvent;
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

function parseObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
