/** L9: numbers survive every way that they go. */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describeValue, parseParam } from "../../check/domain.ts";
import type { Language, Param, Run, Step, Value } from "../../check/program.ts";
import { lowerRun } from "../../plan/lower-run.ts";
import type { Failure } from "../../run/event.ts";
import { openTracking } from "../../tracking/open.ts";
import { openServer } from "../../tracking/server/open-server.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { type Execution, execute } from "../execute.ts";
import { type Breach, type Law, failed, held, usualBreach } from "./law.ts";
import { OutOfTime } from "./out-of-time.ts";
import type { Session } from "./session.ts";

/** Numbers that are drawn, of each kind. */
const drawn = 40;
const edges = [0, 0.1, 1 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e23, -1e-7];

export const roundTrip: Law = {
  id: "L9",
  title: "round trip",
  counted: "number",
  executions: "front-door",
  statement: "params and metrics survive text, JSON, the language, SQL and REST bit for bit",
  explanation: `Numbers of every size are drawn and given, as params, to a step in each language of the run that mlpipe makes for this; the step logs them as metrics and writes them as JSON. They go to a tracker behind a server on this machine, and are read back from that, from its database, and from the file. Every number must have every bit that it had; a metric of -0 alone comes back as 0, for a database has no other.

It is a law about mlpipe and the languages as they are installed here, not about the run.`,
  async check(session) {
    const languages = [...new Set(session.run.steps.map(({ language }) => language))];
    const numbers = drawNumbers(session.seed);
    for (const [at, language] of languages.entries()) {
      const lost = await findLost(session, language, numbers);
      if (lost) return failed(numbers.length, [lost]);
      session.progress("L9", (at + 1) * numbers.length, numbers.length * languages.length);
    }
    return held(numbers.length * languages.length);
  },
};

function drawNumbers(seed: number): readonly number[] {
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });
  const some = fc.sample(doubles, { seed, numRuns: drawn });
  const whole = fc.sample(fc.maxSafeInteger(), { seed, numRuns: drawn });
  // A set takes -0 for 0.
  return [...new Set([...edges, ...some, ...whole]), -0];
}

async function findLost(
  session: Session,
  language: Language,
  numbers: readonly number[],
): Promise<Breach | undefined> {
  const folder = path.join(session.scratch, `round-trip-${language}`);
  const store = await openTracking(`sqlite:///${folder}.db`, { folder: session.scratch });
  try {
    const server = await openServer({ port: 0, tracking: store });
    try {
      const rest = await openTracking(server.url, { environment: {} });
      const ways = await sendAll(session, language, numbers, { rest, store, folder });
      return firstLost(session, numbers, ways);
    } finally {
      await server.close();
    }
  } finally {
    await store.close();
  }
}

interface Trackers {
  readonly rest: Tracking;
  readonly store: Tracking;
  readonly folder: string;
}

/** What came back, number by number, by the way that it went. */
type Ways = ReadonlyMap<string, ReadonlyMap<string, number | undefined>>;

async function sendAll(
  session: Session,
  language: Language,
  numbers: readonly number[],
  { rest, store, folder }: Trackers,
): Promise<Ways | Failure> {
  const { project, env, signal } = session;
  const { run, values } = runOf(session, language, numbers);
  let runId = "";
  const plan = lowerRun(session.program, run, { params: values, adopt: false });
  const execution = await execute({
    plan,
    project,
    scratch: folder,
    env,
    signal,
    tracking: rest,
    listener: (event) => {
      if (event.kind === "run-created") runId = event.runId;
    },
  });
  if (signal.aborted) throw new OutOfTime();
  const { failure } = execution.results;
  if (failure) return failure;
  return new Map([
    ["params by REST", await paramsIn(rest, runId, run.params)],
    ["params by SQL", await paramsIn(store, runId, run.params)],
    ["metrics by REST", await metricsIn(rest, runId)],
    ["metrics by SQL", await metricsIn(store, runId)],
    ["JSON", jsonIn(execution)],
  ]);
}

const codes: Readonly<Record<Language, string>> = {
  r: "for (name in names(params)) log_metric(name, params[[name]])\nvalues <- params\n",
  js: "for (const name of Object.keys(params)) log.metric(name, params[name])\nconst values = params\n",
  ts: "for (const name of Object.keys(params)) log.metric(name, params[name])\nconst values = params\n",
};

function runOf(
  { run }: Session,
  language: Language,
  numbers: readonly number[],
): { readonly run: Run; readonly values: Readonly<Record<string, Value>> } {
  const params = numbers.map((value, at): Param => {
    const type = Number.isSafeInteger(value) && !Object.is(value, -0) ? "int" : "float";
    const rest = { nullable: false, default: value, domain: undefined, doc: "", place: run.place };
    return { name: `n${at}`, type, ...rest };
  });
  const text = codes[language];
  const step: Step = {
    name: run.name,
    implicit: true,
    language,
    code: { kind: "fence", text, file: "round-trip", line: 1, column: 1, lastLine: 3 },
    params: params.map(({ name }) => name),
    inputs: [],
    metrics: [],
    artifacts: [
      {
        key: "values",
        variable: "values",
        format: "json",
        path: "values.json",
        doc: "",
        place: run.place,
      },
    ],
    models: [],
    secrets: [],
    env: {},
    resources: { cpus: undefined, memoryBytes: undefined, gpus: undefined },
    needs: [],
    timeoutMs: undefined,
    cache: false,
    doc: "",
    place: run.place,
  };
  const own = {
    params,
    steps: [step],
    requires: [],
    expects: [],
    tags: [],
    displayName: undefined,
  };
  const shared = { metrics: [], artifacts: [], models: [] };
  const values = Object.fromEntries(params.map(({ name, default: value = null }) => [name, value]));
  return { run: { ...run, ...own, shared, contract: undefined }, values };
}

async function paramsIn(
  tracking: Tracking,
  run_id: string,
  params: readonly Param[],
): Promise<ReadonlyMap<string, number | undefined>> {
  const { run } = await tracking.call("runs/get", { run_id });
  return new Map(
    (run.data.params ?? []).map(({ key, value }) => {
      const param = params.find(({ name }) => name === key);
      const parsed = param && parseParam(param, value);
      const isNumber = parsed?.kind === "value" && typeof parsed.value === "number";
      return [key, isNumber ? Number(parsed.value) : undefined];
    }),
  );
}

async function metricsIn(tracking: Tracking, run_id: string): Promise<ReadonlyMap<string, number>> {
  const { run } = await tracking.call("runs/get", { run_id });
  return new Map((run.data.metrics ?? []).map(({ key, value }) => [key, value]));
}

function jsonIn({ results }: Execution): ReadonlyMap<string, number> {
  const outputs = results.steps.flatMap((step) => step.outputs);
  const file = outputs.find(({ key }) => key === "values");
  if (!file || file.kind === "metric") return new Map();
  const values = JSON.parse(readFileSync(file.path, "utf8")) as Readonly<Record<string, unknown>>;
  // R writes a vector of one number as an array.
  const numberOf = (value: unknown): number => Number(Array.isArray(value) ? value[0] : value);
  return new Map(Object.entries(values).map(([name, value]) => [name, numberOf(value)]));
}

function firstLost(
  { space }: Session,
  numbers: readonly number[],
  ways: Ways | Failure,
): Breach | undefined {
  const fix = "please report this: it is mlpipe's own";
  if ("message" in ways) {
    const difference = ways.message;
    return usualBreach(space, "the step that passes numbers on fails", fix, { difference });
  }
  for (const [way, found] of ways)
    for (const [at, number] of numbers.entries()) {
      const back = found.get(`n${at}`);
      // SQLite keeps -0 as 0.
      if (Object.is(back, way.startsWith("metrics") ? number + 0 : number)) continue;
      const sent = describeValue(number);
      const difference = `${sent} → ${back === undefined ? "nothing" : describeValue(back)}`;
      return usualBreach(space, `${sent} comes back changed as ${way}`, fix, { difference });
    }
  return undefined;
}
