/** Requests as MLflow's servers want them: doubles that JSON lacks as texts, lists in a query as repeated keys. */
import { verbs, type EndpointName, type RequestOf } from "./endpoints.ts";

/** The JSON body of a request. */
export function encodeBody(request: RequestOf<EndpointName>): string {
  if (!("metrics" in request) || request.metrics === undefined) return JSON.stringify(request);
  const metrics = request.metrics.map((metric) => ({
    ...metric,
    value: encodeNumber(metric.value),
  }));
  return JSON.stringify({ ...request, metrics });
}

/** Texts for what JSON.stringify would change: NaN, the infinities and the sign of zero. */
function encodeNumber(value: number): number | string {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return Object.is(value, -0) ? "-0.0" : String(value);
}

/** Verb, path below the server's address, and body of a call. */
export function encodeCall<E extends EndpointName>(
  endpoint: E,
  request: RequestOf<E>,
): { readonly method: "GET" | "POST"; readonly path: string; readonly body: string | undefined } {
  const path = `/api/2.0/mlflow/${endpoint}`;
  if (verbs[endpoint] === "POST") return { method: "POST", path, body: encodeBody(request) };
  return { method: "GET", path: `${path}?${encodeQuery(request)}`, body: undefined };
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
