/** The one table of where mlpipe's server means to answer otherwise than MLflow's. */
import { differencesBetween } from "./difference.ts";
import type { Exchange } from "./sequence.ts";
import type { Json, Step } from "./step.ts";
import type { Answer } from "./world.ts";
import { batchOfBytes } from "./border-steps.ts";
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

function isSent({ headers }: Answer): boolean {
  return headers["content-disposition"]?.startsWith("attachment") === true;
}

function bothRefuse(theirs: Answer, ours: Answer): boolean {
  return [theirs, ours].every(({ status }) => [400, 404, 405, 501].includes(status));
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

function mentions(body: unknown, field: string): boolean {
  return typeof body === "object" && body !== null && field in body;
}

function filterOf({ body, query = [] }: Step): string {
  const asked = query.find(([name]) => name === "filter")?.[1];
  const given = (body ?? {}) as Readonly<Record<string, Json>>;
  return asked ?? (typeof given["filter"] === "string" ? given["filter"] : "");
}

const name = /(?:`[^`]+`|"[^"]+"|\w+)(?:\.(?:`[^`]+`|"[^"]+"|[\p{L}\p{N}_.:/]+))?/u.source;
const text = /(?:'[^']*'|"[^"]*")/.source;
const compared = `(?:=|!=|<=?|>=?|I?LIKE) *(?:${text}|[-+.\\w]+)|(?:NOT +)?IN *\\(.*?\\)|IS +(?:NOT +)?NULL`;
const comparison = `${name}\\s*(?:${compared})`;
const filter = new RegExp(`^\\s*(?:${comparison}(?:\\s+AND\\s+${comparison})*)?\\s*$`, "iu");

/** Whether a person would take it for comparisons joined by AND. */
function isFilter(asked: string): boolean {
  return filter.test(asked.replaceAll(/\s/g, " "));
}

function holdsBareNumber({ body }: Step): boolean {
  return /"\$literal":"(NaN|-?Infinity|-?1e309)"/.test(JSON.stringify(body ?? ""));
}

/** A path as a file system would not write it. */
function isOddPath({ path, query = [] }: Step): boolean {
  const [, below] = /\/mlflow-artifacts\/(?:artifacts|mpu\/\w+)\/(.*)$/.exec(path) ?? [];
  const asked = query.find(([name]) => name.endsWith("path"))?.[1] ?? below ?? "";
  const decoded = decodeFully(asked);
  return (
    /[\\#\u0000-\u001f\ufffd]|^[a-z]+:|^\/|\/$|\/\//i.test(decoded) ||
    decoded.split("/").some((part) => part === "." || part === "..")
  );
}

function decodeFully(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    return decoded === text ? text : decodeFully(decoded);
  } catch {
    return `${text}\ufffd`;
  }
}

const api = "/api/2.0/mlflow";
const artifacts = "/api/2.0/mlflow-artifacts/artifacts";
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
    what: "where MLflow stumbles and answers 500, mlpipe says what is wrong, or does what is asked",
    why: "after a 500 clients try again for minutes, in vain",
    example: [
      { verb: "GET", path: `${api}/experiments/get`, query: [["experiment_id", "9".repeat(30)]] },
    ],
    applies: ({ theirs, ours }) => theirs.status === 500 && ours.status < 500,
  },
  {
    what: "a value inside that is missing or of a wrong type MLflow passes over, with all that stands after it, mlpipe refuses it",
    why: "what was sent and not stored is lost without a word",
    example: [
      aRun,
      post("runs/log-batch", { run_id: "{{run 0}}", params: [{ key: "a", value: 1 }] }),
    ],
    applies: ({ step, theirs, ours }) =>
      hasWrongType(step) && (refuses(ours) || bothRefuse(theirs, ours)),
    parts: ({ step, theirs, ours }) =>
      hasWrongType(step) && (theirs.status < 300 || ours.status < 300),
  },
  {
    what: "NaN and Infinity without quotes are nothing to MLflow, to mlpipe what they say",
    why: "Python's json writes them so, and MLflow stores 0 without a word",
    example: [
      aRun,
      post("runs/create", { experiment_id: "0", start_time: 1, run_name: { $literal: "NaN" } }),
    ],
    applies: ({ step }) => holdsBareNumber(step),
    parts: ({ step, ours }) => holdsBareNumber(step) && ours.status < 300,
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
    what: "who searches experiments has to say how many for MLflow, mlpipe takes 1000",
    why: "MLflow's own documentation says so",
    example: [post("experiments/search", {})],
    applies: ({ step, theirs, ours }) =>
      endpointOf(step) === "experiments/search" &&
      refuses(theirs) &&
      ours.status === 200 &&
      !JSON.stringify([step.body, step.query]).includes('"max_results"'),
  },
  {
    what: "in a filter that is no row of comparisons MLflow may find one, mlpipe says what is wrong",
    why: "who mistypes a filter gets an answer to another question",
    example: [post("experiments/search", { max_results: 1, filter: "tags.a tags.b IS NOT NULL" })],
    applies: ({ step, theirs, ours }) =>
      theirs.status === 200 && refuses(ours) && !isFilter(filterOf(step)),
  },
  {
    what: "where nothing is served MLflow answers a page of HTML or sends elsewhere, mlpipe answers JSON",
    why: "clients of an API read JSON",
    example: [{ verb: "GET", path: `${api}/nonsense` }],
    applies: ({ theirs, ours }) =>
      isHtml(theirs) &&
      [404, 405, 308].includes(theirs.status) &&
      [404, 405, 501].includes(ours.status),
  },
  {
    what: "to HEAD and OPTIONS MLflow answers what Flask makes of them, mlpipe that they are not served",
    why: "no client of MLflow sends them",
    example: [{ verb: "HEAD", path: "/health" }],
    applies: ({ step: { verb }, ours }) =>
      (verb === "HEAD" || verb === "OPTIONS") && ours.status < 500,
  },
  {
    what: "a call has one address and verb in MLflow, those of earlier versions too in mlpipe",
    why: "old clients ask there",
    example: [{ verb: "GET", path: `${api}/experiments/list` }],
    applies: ({ step, theirs }) =>
      endpointOf(step) !== undefined && isHtml(theirs) && [404, 405].includes(theirs.status),
  },
  {
    what: "run_uuid names a run in those calls of MLflow that are older than run_id, in all of mlpipe",
    why: "a client that writes the one everywhere is understood",
    example: [aRun, post("runs/delete", { run_uuid: "{{run 0}}" })],
    applies: ({ step: { body }, theirs }) => mentions(body, "run_uuid") && theirs.status >= 400,
  },
  {
    what: "the id of a logged model has to stand in the body too for MLflow, mlpipe takes it from the path",
    why: "it cannot be another",
    example: [
      post("logged-models", { experiment_id: "0" }),
      { verb: "POST", path: `${api}/logged-models/{{model 0}}/params`, body: {} },
    ],
    applies: ({ step: { path, body }, theirs }) =>
      /\/logged-models\/[^/]+/.test(path) &&
      !/"model_id":"/.test(JSON.stringify(body ?? "")) &&
      theirs.status === 400,
  },
  {
    what: "a batch of more than a million bytes MLflow means to refuse and does not, mlpipe does",
    why: "MLflow's limit counts fields by mistake; nobody may fill the memory of a server",
    example: [batchOfBytes(1_000_001)],
    applies: ({ step, ours }) =>
      endpointOf(step) === "runs/log-batch" &&
      refuses(ours) &&
      JSON.stringify(step.body).includes("{{a*999937}}"),
  },
  {
    what: "an artifact's path that is not plain MLflow makes plain or stores as it is, mlpipe refuses it",
    why: "no way of writing .. may be left to chance",
    example: [{ verb: "GET", path: artifacts, query: [["path", "a//b"]] }],
    applies: ({ step, theirs, ours }) =>
      isOddPath(step) && (refuses(ours) || bothRefuse(theirs, ours)),
  },
  {
    what: "what SQLite refuses is BAD_REQUEST to MLflow, what it is to mlpipe",
    why: "mlpipe finds the mistake before SQLite does, and can say what it is",
    example: [
      aRun,
      post("runs/log-batch", {
        run_id: "{{run 0}}",
        metrics: [
          { key: "loss", value: 1, timestamp: 0, step: 0, model_id: `m-${"0".repeat(32)}` },
        ],
      }),
    ],
    applies: ({ theirs, ours }) => codeOf(theirs) === "BAD_REQUEST" && ours.status >= 400,
    // MLflow has stored by then what stands before it in the batch, or the version of a model that is not there.
    parts: ({ step, theirs }) =>
      (codeOf(theirs) === "BAD_REQUEST" && endpointOf(step) === "runs/log-batch") ||
      (theirs.status === 404 && endpointOf(step) === "model-versions/create"),
  },
  {
    what: "a file MLflow sends with the type that its name suggests, mlpipe as bytes, with its name in UTF-8",
    why: "what a page could show may be an attack on who opens it, and names have other letters too",
    example: [
      { verb: "PUT", path: `${artifacts}/a.txt`, text: "hello", type: "text/plain" },
      { verb: "GET", path: `${artifacts}/a.txt` },
    ],
    applies: ({ step, theirs, ours }) =>
      step.verb === "GET" && theirs.status === 200 && ours.status === 200 && isSent(ours),
    settle: ({ step, theirs, ours }) => ({
      step,
      theirs,
      ours: { ...ours, headers: theirs.headers },
    }),
  },
  {
    what: "the artifact proxy of MLflow says what is wrong as detail, mlpipe as error_code and message",
    why: "all other calls of MLflow do, and clients read that",
    example: [{ verb: "GET", path: `${artifacts}/` }],
    applies: ({ theirs, ours }) => mentions(theirs.body, "detail") && bothRefuse(theirs, ours),
  },
  {
    what: "lists in queries that old clients wrote as a[]=1 MLflow no longer reads, mlpipe does",
    why: "old clients write them",
    example: [aRun, { verb: "GET", path: `${api}/runs/get`, query: [["run_id[]", "{{run 0}}"]] }],
    applies: ({ step: { query = [] } }) => query.some(([name]) => /\[\d*\]$/.test(name)),
  },
  {
    what: "a whole number with a point or an exponent is none to MLflow's calls for charts, one to mlpipe as everywhere",
    why: "R writes them so",
    example: [
      {
        verb: "GET",
        path: `${api}/metrics/get-history-bulk-interval`,
        query: [
          ["run_ids", "x"],
          ["metric_key", "a"],
          ["start_step", "1e+05"],
          ["end_step", "200000"],
        ],
      },
    ],
    applies: ({ step, ours }) =>
      /get-history-bulk/.test(step.path) &&
      step.query?.some(
        ([, value]) => /^-?\d+(\.\d+)?(e\+?\d+)?$/.test(value) && !/^-?\d+$/.test(value),
      ) === true &&
      ours.status < 500,
  },
  {
    what: "for charts MLflow writes NaN without quotes, mlpipe in quotes",
    why: "it is no JSON otherwise, and a browser cannot read it",
    example: [
      aRun,
      post("runs/log-metric", { run_id: "{{run 0}}", key: "a", value: "NaN", timestamp: 1 }),
      {
        verb: "GET",
        path: "/ajax-api/2.0/mlflow/metrics/get-history-bulk",
        query: [
          ["run_id", "{{run 0}}"],
          ["metric_key", "a"],
        ],
      },
    ],
    applies: ({ step, theirs }) =>
      endpointOf(step) === "metrics/get-history-bulk" &&
      typeof theirs.body === "string" &&
      /:NaN/.test(theirs.body),
  },
  {
    what: "of the models that a run was given MLflow tells who fetches the run, mlpipe who finds it too",
    why: "a run is the same however one comes to it",
    example: [
      aRun,
      post("logged-models", { experiment_id: "0" }),
      post("runs/log-inputs", { run_id: "{{run 0}}", models: [{ model_id: "{{model 0}}" }] }),
      post("runs/search", { experiment_ids: ["0"] }),
    ],
    applies: ({ step }) => endpointOf(step) === "runs/search",
    settle: without("model_inputs"),
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
  // A stumble is never meant.
  if (exchange.ours.status === 500) return false;
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
