/** Requests that go wrong below the message: verb, address, type and shape of the body. */
import fc from "fast-check";
import { printBody, type Step } from "./step.ts";

type Change = (step: Step) => Step;

const textOf = ({ body }: Step): string => (body === undefined ? "{}" : printBody(body));

const texts: readonly ((json: string) => string)[] = [
  () => "",
  () => "{",
  () => "null",
  () => "[]",
  () => '["a"]',
  () => "5",
  () => '"text"',
  () => "true",
  () => "\ufeff{}",
  (json) => json.slice(0, -1),
  (json) => `${json} `,
  (json) => `${json}x`,
  (json) => `\n${json}\n`,
  (json) => JSON.stringify(json),
  (json) => JSON.stringify(JSON.stringify(json)),
  (json) => json.replaceAll('"', "'"),
  (json) => json.replace("{", '{"__proto__":{"a":1},'),
  (json) => json.replace("{", '{"run_id":"{{run 1}}",'),
  (json) => json.replace("}", ",}"),
];
const types = [
  "",
  "application/json; charset=utf-8",
  "APPLICATION/JSON",
  "application/json;charset=latin1",
  "application/json, text/plain",
  "application/jsonx",
  "application/vnd.api+json",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "text/plain",
  "text/json",
];
const paths: readonly ((path: string) => string)[] = [
  (path) => path.replace("/api/", "/ajax-api/"),
  (path) => path.replace("/api/", "/ajax-api/"),
  (path) => path.replace("/2.0/", "/3.0/"),
  (path) => path.replace("/2.0/", "/1.0/"),
  (path) => path.replace("/mlflow/", "/preview/mlflow/"),
  (path) => path.replace("/mlflow/", "/mlflow//"),
  (path) => path.replace("/mlflow/", "/mlflow/../mlflow/"),
  (path) => path.replace("/mlflow/", "/mlflow/%2e%2e/mlflow/"),
  (path) => path.replace("/mlflow/", "/MLFLOW/"),
  (path) => `${path}/`,
  (path) => `${path}/x`,
  (path) => `${path}%00`,
  (path) => `${path}?`,
  (path) => path.slice(0, -1),
];

const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    .map((verb): Change => (step) => ({ ...step, verb })),
  fc.constantFrom(...texts).map((make): Change => (step) => ({
    ...step,
    text: make(textOf(step)),
  })),
  fc.constantFrom(...types).map((type): Change => (step) => ({ ...step, type })),
  fc.constantFrom(...paths).map((make): Change => (step) => ({ ...step, path: make(step.path) })),
  fc.constant<Change>(({ query = [], ...step }) => ({ ...step, query: [...query, ...query] })),
  fc.constant<Change>(({ query = [], ...step }) => ({
    ...step,
    query: query.map(([name, value]) => [`${name}[]`, value]),
  })),
  fc.constant<Change>(({ query = [], body, ...step }) => ({
    ...step,
    ...(body === undefined ? { body: Object.fromEntries(query) } : { query: [["run_id", "x"]] }),
  })),
);

const strangers: readonly Step[] = [
  ...[
    "/",
    "/health",
    "/version",
    "/api/2.0/mlflow",
    "/api/2.0/mlflow/",
    "/api",
    "/favicon.ico",
  ].flatMap((path) => ["GET", "POST", "HEAD"].map((verb) => ({ verb, path }))),
  { verb: "GET", path: "/api/2.0/mlflow/nonsense" },
  { verb: "POST", path: "/api/2.0/mlflow/runs/nonsense", body: {} },
  { verb: "GET", path: "/ajax-api/3.0/mlflow/jobs" },
  { verb: "GET", path: "/..%2f..%2fetc/passwd" },
  { verb: "GET", path: "/static-files/../../etc/passwd" },
];

export function transported(step: fc.Arbitrary<Step>): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.tuple(step, change).map(([each, make]) => make(each)) },
    { weight: 1, arbitrary: fc.constantFrom(...strangers) },
  );
}
