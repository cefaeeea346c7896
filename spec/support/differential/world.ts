/** One server as a sequence sees it: what it made so far, when each request was under way, and its answers without what only it can know. */
import { request, type IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { bodyOf, describeStep, targetOf, type MadeKind, type Step } from "./step.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where it is JSON; whole numbers that a double cannot hold are bigints. */
  readonly body: unknown;
}

export interface World {
  readonly uri: string;
  readonly made: Readonly<Record<MadeKind, string[]>>;
  /** From what only this server knows to what stands for it in both. */
  readonly symbols: Map<string, string>;
  /** Start and end of each request so far, in milliseconds since 1970. */
  readonly windows: (readonly [number, number])[];
}

/** A server that was just emptied: it has the experiment 0 and nothing else. */
export function newWorld(uri: string): World {
  return {
    uri,
    made: { experiment: ["0"], run: [], model: [], token: [] },
    symbols: new Map(),
    windows: [],
  };
}

/** Performs a step and resolves to the answer in terms that both servers share. */
export async function perform(world: World, step: Step): Promise<Answer> {
  const before = world.windows.at(-1)?.[1] ?? 0;
  // Requests never share a millisecond, so a time says which request it was taken in.
  while (Date.now() <= before) await delay(1);
  const start = Date.now();
  const raw = await send(world, step);
  world.windows.push([start, Date.now()]);
  return {
    status: raw.status,
    headers: symbolic(world, raw.headers) as Answer["headers"],
    body: symbolic(world, parseBody(raw)),
  };
}

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

const comparedHeaders = ["content-type", "content-disposition", "location"];

/** The headers of an answer that a comparison looks at. */
export function headersOf({ headers }: IncomingMessage): RawAnswer["headers"] {
  return Object.fromEntries(
    comparedHeaders.flatMap((name) => {
      const value = headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
}

function send(world: World, step: Step): Promise<RawAnswer> {
  const { hostname, port } = new URL(world.uri);
  const body = bodyOf(step, world.made);
  const type = step.type ?? (body === undefined ? "" : "application/json");
  const headers = {
    ...(type === "" ? {} : { "Content-Type": type }),
    ...(body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) }),
  };
  return new Promise((resolve, reject) => {
    const sending = request(
      {
        hostname,
        port,
        // A connection of its own: a server may close one after a request that it did not read to the end.
        agent: false,
        method: step.verb,
        path: targetOf(step, world.made),
        headers,
        timeout: 60_000,
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: headersOf(response),
            bytes: Buffer.concat(pieces),
          }),
        );
      },
    );
    sending.on("timeout", () => sending.destroy(new Error(`no answer from ${world.uri}`)));
    sending.on("error", (cause) =>
      reject(new Error(`no answer from ${world.uri} to ${describeStep(step)}`, { cause })),
    );
    sending.end(body);
  });
}

/** TypeScript's library does not know the third argument yet. */
type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;
const exact: Reviver = (_, value, context) =>
  typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
    ? BigInt(context?.source ?? 0)
    : value;

function parseBody({ headers, bytes }: RawAnswer): unknown {
  if (headers["content-disposition"] !== undefined) return bytes.toString("latin1");
  const text = bytes.toString();
  if (headers["content-type"]?.startsWith("application/json") !== true) return text;
  try {
    return JSON.parse(text, exact) as unknown;
  } catch {
    return text;
  }
}

const runId = /^[0-9a-f]{32}$/;
const modelId = /^m-[0-9a-f]{32}$/;
const anyId = /\b(?:m-)?[0-9a-f]{32}\b/g;
/** How MLflow names what nobody named. */
const inventedName = /^[a-z]+-[a-z]+-\d{1,4}$/;

/** A JSON value without what only this server knows: ids, names it invented, its clock, page tokens; and lists without order sorted. */
function symbolic(world: World, value: unknown): unknown {
  visit(value, "", (text, field) => register(world, text, field));
  return rewrite(world, value, []);
}

function visit(value: unknown, field: string, see: (text: string, field: string) => void): void {
  if (typeof value === "string") see(value, field);
  else if (Array.isArray(value)) for (const each of value) visit(each, field, see);
  else if (typeof value === "object" && value !== null)
    for (const [name, each] of Object.entries(value).toSorted(byText)) visit(each, name, see);
}

function rewrite(world: World, value: unknown, path: readonly string[]): unknown {
  if (typeof value === "number") return timeOf(world, value);
  if (typeof value === "string") return textOf(world, value, path.at(-1));
  if (hasJson(value))
    return rewrite(world, { ...value, value: JSON.parse(value.value) as unknown }, path);
  if (Array.isArray(value)) {
    const items = value.map((each) => rewrite(world, each, path));
    return isUnordered(path) ? items.toSorted(byText) : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(byText)
      .map(([name, each]) => [name, rewrite(world, each, [...path, name])]),
  );
}

function byText(a: unknown, b: unknown): number {
  const [left, right] = [a, b].map((each) =>
    JSON.stringify(each, (_, inner: unknown) =>
      typeof inner === "bigint" ? String(inner) : inner,
    ),
  );
  return (left ?? "") < (right ?? "") ? -1 : 1;
}

/** Tags whose value is JSON, in whatever way it is written. */
const jsonTags = ["mlflow.log-model.history", "mlflow.modelVersions"];

function hasJson(value: unknown): value is { readonly key: string; readonly value: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "key" in value &&
    typeof value.key === "string" &&
    jsonTags.includes(value.key) &&
    "value" in value &&
    typeof value.value === "string" &&
    value.value.startsWith("[{")
  );
}

/** Clients make maps of these. */
function isUnordered(path: readonly string[]): boolean {
  const own = path.at(-1) ?? "";
  return own === "metrics"
    ? path.at(-2) === "data"
    : ["tags", "params", "aliases", "latest_versions"].includes(own);
}

function timeOf({ windows }: World, value: number): unknown {
  const at = windows.findIndex(([start, end]) => start <= value && value <= end);
  return at < 0 ? value : `⟨time of request ${at}⟩`;
}

function textOf({ uri, symbols }: World, value: string, field: string | undefined): string {
  if (field === "next_page_token") return "⟨token⟩";
  return (symbols.get(value) ?? value.replaceAll(uri, "⟨server⟩")).replaceAll(
    anyId,
    (id) => symbols.get(id) ?? id,
  );
}

/** Gives what is new a symbol, numbered in the order in which answers show it. */
function register({ symbols, made }: World, value: string, field: string): void {
  if (field === "experiment_id") remember(made.experiment, value);
  else if (field === "next_page_token") remember(made.token, value);
  else if (symbols.has(value)) return;
  else if ((field === "run_id" || field === "run_uuid") && runId.test(value))
    symbols.set(value, `⟨run ${made.run.push(value) - 1}⟩`);
  else if (field === "model_id" && modelId.test(value))
    symbols.set(value, `⟨model ${made.model.push(value) - 1}⟩`);
  else if (inventedName.test(value)) symbols.set(value, `⟨name ${symbols.size}⟩`);
}

function remember(known: string[], value: string): void {
  if (!known.includes(value)) known.push(value);
}
