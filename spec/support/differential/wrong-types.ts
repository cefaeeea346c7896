/** Whether a request holds a value that is none of its field's type, or lacks one inside, as protobuf's JSON has the types: the table of endpoints, read without mlpipe's reader. */
import { endpoints, type EndpointName } from "../../../src/tracking/endpoints.ts";
import type { Field, Message, Shape } from "../../../src/tracking/shape.ts";
import type { Json, Step } from "./step.ts";

/** The endpoint that a step calls, if it calls one. */
export function endpointOf({ verb, path }: Step): EndpointName | undefined {
  const [, below = path] =
    /^\/(?:ajax-)?api\/2\.0\/(?:preview\/)?mlflow\/(.*)$/.exec(path.replace(/\?.*/, "")) ?? [];
  return (Object.keys(endpoints) as EndpointName[]).find(
    (name) =>
      endpoints[name].verbs.some((each) => each === verb) &&
      new RegExp(`^${endpoints[name].path.replace(/\{\w+\}/g, "[^/]*")}$`).test(below),
  );
}

export function hasWrongType(step: Step): boolean {
  const name = endpointOf(step);
  if (name === undefined) return false;
  const { fields } = endpoints[name].request as Message;
  if (step.verb !== "GET") return isWrong({ kind: "message", fields }, step.body ?? {});
  return (step.query ?? []).some(([key, value]) => {
    const shape = shapeOf(fields[key]);
    return shape !== undefined && isWrongText(shape.kind === "list" ? shape.item : shape, value);
  });
}

function shapeOf(field: Field | undefined): Shape | undefined {
  return field?.kind === "optional" || field?.kind === "preset" ? field.shape : field;
}

const integral = /^-?\d+(\.0+)?(e\+?\d+)?$/i;
const numeral = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^(NaN|-?Infinity)$/i;

function isWrongText(shape: Shape, text: string): boolean {
  switch (shape.kind) {
    case "text":
      return !text.isWellFormed();
    case "integer":
      return !integral.test(text) || Math.abs(Number(text)) > 2 ** 63 - 1024;
    case "double":
      return !numeral.test(text);
    case "flag":
      return !/^(true|false)$/i.test(text);
    case "choice":
      return !shape.of.includes(text);
    default:
      return true;
  }
}

function isWrong(shape: Shape, value: Json): boolean {
  if (typeof value === "object" && value !== null && "$literal" in value)
    return isWrongLiteral(shape, String(value.$literal));
  switch (shape.kind) {
    case "list":
      return (
        !Array.isArray(value) ||
        value.some((each: Json) => each === null || isWrongInside(shape.item, each))
      );
    case "message":
      return isWrongMessage(shape, value);
    case "flag":
      return typeof value !== "boolean";
    case "integer":
    case "double":
      return typeof value === "number"
        ? isWrongLiteral(shape, String(value))
        : typeof value !== "string" || isWrongText(shape, value);
    default:
      return typeof value !== "string" || isWrongText(shape, value);
  }
}

function isWrongMessage({ fields }: Message, value: Json): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return true;
  return Object.entries(value).some(([name, each]: [string, Json]) => {
    const shape = shapeOf(fields[name] ?? fields[snake(name)] ?? fields[older[name] ?? ""]);
    return each !== null && shape !== undefined && isWrongInside(shape, each);
  });
}

/** A message inside of another without what it must have. */
function lacks({ fields }: Message, value: Json): boolean {
  const given = value as Readonly<Record<string, Json>>;
  return Object.entries(fields).some(
    ([name, field]) => shapeOf(field) === field && (given[name] ?? given[camel(name)]) == null,
  );
}

function isWrongInside(shape: Shape, value: Json): boolean {
  return isWrong(shape, value) || (shape.kind === "message" && lacks(shape, value));
}

/** A number in a place for one, that a double holds. */
function isWrongLiteral(shape: Shape, text: string): boolean {
  if (shape.kind === "integer") return isWrongText(shape, text);
  return shape.kind !== "double" || !Number.isFinite(Number(text));
}

const older: Readonly<Record<string, string>> = { run_uuid: "run_id" };

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
