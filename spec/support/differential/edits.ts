/** Right requests with one or two things wrong, or merely unusual, at any depth. */
import fc from "fast-check";
import type { Json } from "./step.ts";
import { odd, type Body } from "./values.ts";

type Edit = (body: Body) => Body;
type Change = (value: Json) => Json | undefined;

function isPlain(value: Json): value is Body | Json[] {
  return typeof value === "object" && value !== null && !("$literal" in value);
}

/** How many values there are below this one. */
function count(value: Json): number {
  if (!isPlain(value)) return 0;
  return Object.values(value).reduce<number>((sum, each: Json) => sum + 1 + count(each), 0);
}

/** Changes the value that is at this place when all are counted from the front; undefined takes it out. */
function changeAt(value: Json, place: number, change: Change): Json {
  if (!isPlain(value)) return value;
  let rest = place;
  const entries = Object.entries(value).flatMap(([name, each]: [string, Json]) => {
    const here = rest;
    rest -= 1 + count(each);
    if (here < 0 || rest >= 0) return [[name, each] as const];
    const changed = here === 0 ? change(each) : changeAt(each, here - 1, change);
    return changed === undefined ? [] : [[name, changed] as const];
  });
  return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}

const somewhere = (change: Change): fc.Arbitrary<Edit> =>
  fc.nat({ max: 60 }).map((at) => (body) => {
    const places = count(body);
    return places === 0 ? body : (changeAt(body, at % places, change) as Body);
  });

/** As R writes them: every value a text, big numbers with an exponent. */
function asText(value: Json): Json {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value === "number") return value >= 1e5 ? value.toExponential() : String(value);
  if (typeof value === "boolean") return String(value).toUpperCase();
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asText(each)]));
}

/** What travels in the path has one name, and what MLflow does not miss. */
const inPaths = new Set(["model_id", "tag_key", "experiment_ids"]);

/** protobuf's other name for a field. */
function camel(name: string): string {
  return inPaths.has(name)
    ? name
    : name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function renameAll(body: Body, rename: (name: string) => string): Body {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [rename(name), value]));
}

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 8, arbitrary: odd.chain((value) => somewhere(() => value)) },
  { weight: 3, arbitrary: somewhere(() => undefined) },
  { weight: 1, arbitrary: somewhere((value) => [value]) },
  { weight: 1, arbitrary: somewhere(asText) },
  { weight: 1, arbitrary: fc.constant<Edit>((body) => asText(body) as Body) },
  { weight: 1, arbitrary: fc.constant<Edit>((body) => renameAll(body, camel)) },
  {
    weight: 1,
    arbitrary: fc.constant<Edit>((body) =>
      renameAll(body, (name) => (name === "run_id" ? "run_uuid" : name)),
    ),
  },
  {
    weight: 1,
    arbitrary: odd.map((value): Edit => (body) => ({ ...body, unknown_field: value })),
  },
  { weight: 1, arbitrary: fc.constant<Edit>((body) => ({ ...body, runId: "x", pageToken: "" })) },
);

export function edited(request: fc.Arbitrary<Body>): fc.Arbitrary<Body> {
  return fc
    .tuple(request, edit, fc.option(edit, { nil: undefined, freq: 5 }))
    .map(([body, first, second]) => second?.(first(body)) ?? first(body));
}
