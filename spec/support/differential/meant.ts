/** The one table of where mlpipe's server means to answer otherwise than MLflow's. */
import { differencesBetween } from "./difference.ts";
import type { Answer } from "./world.ts";
import type { Exchange } from "./sequence.ts";
import type { Step } from "./step.ts";

export interface Meant {
  /** What each of the two answers. */
  readonly what: string;
  readonly why: string;
  /** Requests after the last of which the two differ just so. */
  readonly example: readonly Step[];
  readonly applies: (exchange: Exchange) => boolean;
  /** The exchange without this difference; absent: all of it is accepted. */
  readonly settle?: (exchange: Exchange) => Exchange;
}

/** Both answers without some fields, wherever they stand. */
function without(names: ReadonlySet<string>): (exchange: Exchange) => Exchange {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== "object" || value === null) return value;
    const kept = Object.entries(value).filter(([name]) => !names.has(name));
    return Object.fromEntries(kept.map(([name, each]) => [name, strip(each)]));
  };
  const bare = (answer: Answer): Answer => ({ ...answer, body: strip(answer.body) });
  return ({ step, theirs, ours }) => ({ step, theirs: bare(theirs), ours: bare(ours) });
}

function codeOf({ body }: Answer): unknown {
  return typeof body === "object" && body !== null && "error_code" in body
    ? body.error_code
    : undefined;
}

function mentions({ body }: Answer, field: string): boolean {
  return (
    JSON.stringify(body, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    )?.includes(`"${field}":`) ?? false
  );
}

const api = "/api/2.0/mlflow";

export const meant: readonly Meant[] = [
  {
    what: "MLflow adds sqlstate and error_class to an error, mlpipe does not",
    why: "they classify for Databricks what error_code says already; no client of MLflow reads them",
    example: [{ verb: "GET", path: `${api}/runs/get`, query: [["run_id", "x"]] }],
    applies: ({ theirs }) => mentions(theirs, "sqlstate"),
    settle: without(new Set(["sqlstate", "error_class"])),
  },
  {
    what: "MLflow says of an experiment that its workspace is default, mlpipe says nothing of workspaces",
    why: "mlpipe has none; to clients, absent and default are the same",
    example: [{ verb: "GET", path: `${api}/experiments/get`, query: [["experiment_id", "0"]] }],
    applies: ({ theirs }) => mentions(theirs, "workspace"),
    settle: without(new Set(["workspace"])),
  },
  {
    what: "for a user's mistake MLflow answers 500, mlpipe 400 INVALID_PARAMETER_VALUE",
    why: "after a 500 clients try again for minutes, in vain",
    example: [],
    applies: ({ theirs, ours }) =>
      theirs.status === 500 && ours.status === 400 && codeOf(ours) === "INVALID_PARAMETER_VALUE",
  },
  {
    what: "where nothing is served MLflow answers a page of HTML, mlpipe 404 ENDPOINT_NOT_FOUND",
    why: "clients of an API read JSON",
    example: [{ verb: "GET", path: `${api}/nonsense` }],
    applies: ({ theirs, ours }) =>
      (theirs.status === 404 || theirs.status === 405) &&
      theirs.headers["content-type"]?.startsWith("text/html") === true &&
      ours.status === 404 &&
      (ours.body === "" || codeOf(ours) === "ENDPOINT_NOT_FOUND"),
  },
];

/** Whether all in which the two answers differ is meant. */
export function isMeant(exchange: Exchange): boolean {
  const settled = meant.reduce(
    (rest, { applies, settle }) => (settle !== undefined && applies(rest) ? settle(rest) : rest),
    exchange,
  );
  return (
    differencesBetween(settled.theirs, settled.ours).length === 0 ||
    meant.some(({ applies, settle }) => settle === undefined && applies(settled))
  );
}
