/** Steps of every kind: right requests, requests with something odd in them, and requests that are no such thing. */
import fc from "fast-check";
import { endpoints, type EndpointName } from "../../../src/tracking/endpoints.ts";
import { artifactStep } from "./artifact-steps.ts";
import { borderStep } from "./border-steps.ts";
import { edited } from "./edits.ts";
import { requests } from "./requests.ts";
import { encodePath, type Json, type Step } from "./step.ts";
import { transported } from "./transport.ts";
import type { Body } from "./values.ts";

/** MLflow has it for its pages only. */
const ofPages: ReadonlySet<EndpointName> = new Set([
  "metrics/get-history-bulk",
  "experiments/search-datasets",
]);

/** The step of a call: fields go where MLflow looks for them, the path, the query or the body; MLflow wants those of the path in the body too. */
export function stepOf(name: EndpointName, body: Body, verbAt = 0): Step {
  const { verbs, path } = endpoints[name];
  const verb = verbs[verbAt % verbs.length] ?? verbs[0];
  const inPath = new Set<string>();
  const filled = path.replace(/\{(\w+)\}/g, (_, field: string) => {
    inPath.add(field);
    const value = body[field];
    return encodePath(typeof value === "string" ? value : JSON.stringify(value ?? null));
  });
  const rest = Object.entries(body).filter(([field]) => verb !== "GET" || !inPath.has(field));
  const prefix = ofPages.has(name) ? "/ajax-api/2.0/mlflow" : "/api/2.0/mlflow";
  const common = { verb, path: `${prefix}/${filled}` };
  if (verb === "GET")
    return { ...common, query: rest.flatMap(([field, value]) => pairsOf(field, value)) };
  return { ...common, body: Object.fromEntries(rest) };
}

function pairsOf(field: string, value: Json): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap((each: Json) => pairsOf(field, each));
  if (value === null) return [];
  if (typeof value === "object")
    return [[field, "$literal" in value ? String(value.$literal) : JSON.stringify(value)]];
  return [[field, String(value)]];
}

function call(name: EndpointName): fc.Arbitrary<Step> {
  return fc.tuple(requests[name], fc.nat({ max: 1 })).map(([body, at]) => stepOf(name, body, at));
}

function oddCall(name: EndpointName): fc.Arbitrary<Step> {
  return fc
    .tuple(edited(requests[name]), fc.nat({ max: 1 }))
    .map(([body, at]) => stepOf(name, body, at));
}

const names = Object.keys(endpoints) as EndpointName[];
/** What makes things that others refer to. */
const makers: readonly EndpointName[] = [
  "experiments/create",
  "runs/create",
  "runs/create",
  "runs/log-batch",
  "runs/log-batch",
  "logged-models/create",
  "registered-models/create",
  "model-versions/create",
];
const searches = names.filter((name) => name.endsWith("/search"));
const oneOf = (some: readonly EndpointName[], make: typeof call): fc.Arbitrary<Step> =>
  fc.oneof(...some.map(make));

const anyCall = fc.oneof(oneOf(names, call), oneOf(makers, call));
const step = fc.oneof(
  { weight: 10, arbitrary: anyCall },
  { weight: 6, arbitrary: oneOf(names, oddCall) },
  { weight: 4, arbitrary: oneOf(searches, call) },
  { weight: 1, arbitrary: borderStep },
  { weight: 2, arbitrary: artifactStep },
  { weight: 2, arbitrary: transported(anyCall) },
);

/** First something to work on, then anything. */
export const sequence: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.array(oneOf(makers, call), { minLength: 2, maxLength: 8 }),
    fc.array(step, { maxLength: 40, size: "max" }),
  )
  .map(([start, rest]) => [...start, ...rest]);
