/** The one table of where mlpipe's server means to answer otherwise than MLflow's. */
import { differencesBetween } from "./difference.ts";
import type { Exchange } from "./sequence.ts";
import type { Json, Step } from "./step.ts";
import type { Answer } from "./world.ts";
import { endpointOf, hasWrongType } from "./wrong-types.ts";

export interface Meant {
  /** What each of the two answers. */
  readonly what: string;
  readonly why: string;
  /** Requests after the last of which the two differ just so. */
  readonly example: readonly Step[];
  readonly applies: (exchange: Exchange) => boolean;
  /** The exchange without this difference; absent: all of it is accepted. */
  readonly settle?: (exchange: Exchange) => Exchange;
  /** What the two store differs from here on, even where they answer alike; absent: it does when only one of them refuses. */
  readonly parts?: (exchange: Exchange) => boolean;
}

/** Both answers without some fields, wherever they stand. */
function without(...names: readonly string[]): (exchange: Exchange) => Exchange {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== "object" || value === null) return value;
    const kept = Object.entries(value).filter(([name]) => !names.includes(name));
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

function isHtml({ headers }: Answer): boolean {
  return headers["content-type"]?.startsWith("text/html") === true;
}

function refuses(answer: Answer): boolean {
  return answer.status === 400 && codeOf(answer) === "INVALID_PARAMETER_VALUE";
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "string") return isJsonObject(value);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const api = "/api/2.0/mlflow";
function post(call: string, body: Json): Step {
  return { verb: "POST", path: `${api}/${call}`, body };
}
const aRun = post("runs/create", { experiment_id: "0", start_time: 1_450_000_000_000 });

export const meant: readonly Meant[] = [
  {
    what: "MLflow adds sqlstate and error_class to an error, mlpipe does not",
    why: "they classify for Databricks what error_code says already; no client of MLflow reads them",
    example: [{ verb: "GET", path: `${api}/runs/get`, query: [["run_id", "x"]] }],
    applies: ({ theirs }) => codeOf(theirs) !== undefined,
    settle: without("sqlstate", "error_class"),
  },
  {
    what: "MLflow says of an experiment that its workspace is default, mlpipe says nothing of workspaces",
    why: "mlpipe has none; to clients, absent and default are the same",
    example: [{ verb: "GET", path: `${api}/experiments/get`, query: [["experiment_id", "0"]] }],
    applies: ({ theirs }) => theirs.status === 200,
    settle: without("workspace"),
  },
  {
    what: "for a user's mistake MLflow answers 500, mlpipe 400 or 404",
    why: "after a 500 clients try again for minutes, in vain",
    example: [
      { verb: "GET", path: `${api}/experiments/get`, query: [["experiment_id", "9".repeat(30)]] },
    ],
    applies: ({ theirs, ours }) =>
      theirs.status === 500 &&
      (ours.status === 404 || ours.status === 400) &&
      codeOf(ours) !== undefined,
  },
  {
    what: "what SQLite refuses is BAD_REQUEST to MLflow, INVALID_PARAMETER_VALUE to mlpipe, both 400",
    why: "mlpipe finds the mistake before SQLite does, and can say what it is",
    example: [
      post("runs/create", {
        experiment_id: "0",
        tags: [
          { key: "a", value: "1" },
          { key: "a", value: "2" },
        ],
      }),
    ],
    applies: ({ theirs, ours }) => codeOf(theirs) === "BAD_REQUEST" && refuses(ours),
    // MLflow has stored by then what stands before it in the batch.
    parts: ({ step, theirs }) =>
      codeOf(theirs) === "BAD_REQUEST" && endpointOf(step) === "runs/log-batch",
  },
  {
    what: "a value of a wrong type MLflow passes over, with all that stands after it, mlpipe refuses it",
    why: "what was sent and not stored is lost without a word",
    example: [
      aRun,
      post("runs/log-batch", { run_id: "{{run 0}}", params: [{ key: "a", value: 1 }] }),
    ],
    applies: ({ step, ours }) => hasWrongType(step) && refuses(ours),
    parts: ({ step, theirs, ours }) =>
      hasWrongType(step) && (theirs.status < 300 || ours.status < 300),
  },
  {
    what: "a body that is no JSON object is an empty one to MLflow, mlpipe refuses it",
    why: "what was sent and not stored is lost without a word",
    example: [
      {
        verb: "POST",
        path: `${api}/experiments/search`,
        text: '{"max_results": 1',
        type: "application/json",
      },
    ],
    applies: ({ step: { text }, ours }) =>
      text !== undefined && text !== "" && !isJsonObject(text) && refuses(ours),
  },
  {
    what: "a run without an experiment is refused by MLflow on SQLite, mlpipe puts it into experiment 0",
    why: "MLflow's own documentation says so, and its other stores do",
    example: [post("runs/create", {})],
    applies: ({ step, theirs, ours }) =>
      endpointOf(step) === "runs/create" && codeOf(theirs) === "BAD_REQUEST" && ours.status === 200,
  },
  {
    what: "where nothing is served MLflow answers a page of HTML or sends elsewhere, mlpipe answers JSON",
    why: "clients of an API read JSON",
    example: [{ verb: "GET", path: `${api}/nonsense` }],
    applies: ({ theirs, ours }) =>
      isHtml(theirs) &&
      codeOf(ours) !== undefined &&
      (theirs.status === ours.status || (theirs.status === 308 && ours.status === 404)),
  },
  {
    what: "to HEAD and OPTIONS MLflow answers what Flask makes of them, mlpipe that they are not served",
    why: "no client of MLflow sends them",
    example: [{ verb: "HEAD", path: "/health" }],
    applies: ({ step: { verb }, ours }) =>
      (verb === "HEAD" && (ours.status === 404 || ours.status === 405)) ||
      (verb === "OPTIONS" && ours.status === 204),
  },
  {
    what: "MLflow has forgotten the lists of before version 2 and the preview address, mlpipe has not",
    why: "old clients ask for them",
    example: [{ verb: "GET", path: `${api}/experiments/list` }],
    applies: ({ step: { path }, theirs }) =>
      /\/preview\/|\/list$/.test(path) && isHtml(theirs) && theirs.status === 404,
  },
  {
    what: "lists in queries that old clients wrote as a[]=1 MLflow no longer reads, mlpipe does",
    why: "old clients write them",
    example: [aRun, { verb: "GET", path: `${api}/runs/get`, query: [["run_id[]", "{{run 0}}"]] }],
    applies: ({ step: { query = [] } }) => query.some(([name]) => /\[\d*\]$/.test(name)),
  },
  {
    what: "MLflow serves its pages and its version, mlpipe a line of text and a version it is like",
    why: "mlpipe has no pages, and is not MLflow",
    example: [{ verb: "GET", path: "/version" }],
    applies: ({ step: { path }, ours }) => /^\/(version)?$/.test(path) && ours.status === 200,
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

/** Whether the two stores may hold different things from here on, and mean to. */
export function isParting(exchange: Exchange): boolean {
  return (
    exchange.theirs.status < 300 !== exchange.ours.status < 300 ||
    meant.some(({ parts }) => parts?.(exchange) === true)
  );
}
