/** Requests as MLflow's servers want them: verb, path and body; lists in a query as repeated keys. */
import type { Endpoint, Verb } from "./endpoints.ts";
import { printJson } from "./json.ts";
import type { Fields, ValuesOf } from "./shape.ts";

interface EncodedCall {
  readonly method: Verb;
  /** Below the server's address. */
  readonly path: string;
  readonly body: string | undefined;
}

export function encodeCall<Request extends Fields>(
  { verbs, path: template }: Endpoint<Request, Fields>,
  request: ValuesOf<Request>,
): EncodedCall {
  const rest = new Map<string, unknown>(Object.entries(request));
  const path = `/api/2.0/mlflow/${fillPath(template, rest)}`;
  const [method] = verbs;
  // MLflow looks in the body for what it has in the path already.
  if (method !== "GET") return { method, path, body: printJson(request) };
  const query = encodeQuery(Object.fromEntries(rest));
  return { method, path: query === "" ? path : `${path}?${query}`, body: undefined };
}

/** What is put into the path is taken out of `fields`. */
function fillPath(template: string, fields: Map<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(fields.get(name));
    fields.delete(name);
    return encodeURIComponent(value);
  });
}

/** Absent values are left out; a list becomes its key once per element. */
export function encodeQuery(fields: object): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const each of values) {
      if (each === undefined) continue;
      query.append(key, typeof each === "string" ? each : JSON.stringify(each));
    }
  }
  return query.toString();
}
