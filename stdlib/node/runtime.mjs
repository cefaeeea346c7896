/**
 * Executes one step in Node: `node runtime.mjs step.json`. Reads what `src/run/protocol.ts` describes, executes the code,
 * looks up its outputs once Node has nothing left to do, and writes events; the `end` event comes last or the step failed.
 *
 * The code finds its params, inputs and secrets as constants (a script: as globals), and as globals `params`, `run`, `seed`,
 * `log` (`metric(key, value, step)`, `tag(key, value)`, `artifact(path)`), `crate(predictor, state)`, `metrics` (the standard
 * ones), `holdout(n, share)` and `folds(n, k)`.
 */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { crate } from "./crate.mjs";
import { openEvents } from "./events.mjs";
import { fencePath, installFence, runFence } from "./fence.mjs";
import { makeLog } from "./log.mjs";
import { collectOutputs } from "./outputs.mjs";
import { loadedAmong, packagesAmong } from "./packages.mjs";
import { Problem } from "./problem.mjs";
import { reportOutput, reportThrown } from "./report.mjs";
import { exportsOf, startScript } from "./script.mjs";
import { readInputs, readParams, readSecrets } from "./values.mjs";
import * as metrics from "./metrics.mjs";
import { splitHelpers } from "./split.mjs";
import { missingOutput, wantedNames } from "./variables.mjs";
import { watchModules } from "./watch.mjs";

// To import node:process loads all that hangs on it, standard streams among it: a tenth of a step's start.
const { process } = globalThis;

/** @typedef {(name: string) => unknown} Read value of a variable of the code */

Error.stackTraceLimit = 100;

/** @type {import("../../src/run/protocol.ts").StepFile} */
const step = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const emit = openEvents(step.events);
const tracer = loadTracer();
const given = { metrics: new Set(), paths: new Set() };
const reporting = { step, emit, watch: watchModules(), bindings: /** @type {string[]} */ ([]) };
let unseeded = false;
/** @type {"running" | "asking" | "collecting" | "failing" | "ended"} */
let stage = "running";
/** Set once the code's last line is done. @type {Read | undefined} */
let read;
/** What the wanted names mean in Node itself; such a value is no output. @type {Map<string, unknown>} */
const native = new Map();

process.on("uncaughtException", fail);
process.on("beforeExit", () => void finish().catch(fail));
emit("start", { runtime: `Node ${process.versions.node}` });
try {
  begin();
} catch (error) {
  fail(error);
}

function begin() {
  const params = readParams(step);
  const bindings = { ...params, ...readSecrets(step), ...readInputs(step) };
  reporting.bindings = Object.keys(bindings);
  watchRandom();
  const { run, seed } = step;
  const log = makeLog(step, emit, given);
  const shown = tracer ? tracer.watched(params) : params;
  const plain = { params: Object.freeze(shown), run: Object.freeze(run), seed };
  // Without a seed splits are drawn from 0, as random trials are.
  const own = { ...plain, log, crate, metrics, ...splitHelpers(seed ?? 0) };
  // What the file declares wins over the names that mlpipe gives of itself.
  for (const [name, value] of Object.entries(own))
    if (!Object.hasOwn(bindings, name)) Reflect.set(globalThis, name, value);
  for (const name of wantedNames(step)) native.set(name, Reflect.get(globalThis, name));
  if (step.code.script) {
    tracer?.begin(Object.keys(bindings));
    startScript(step, tracer ? tracer.watched(bindings) : bindings);
  } else startFence(bindings);
}

/** @param {Record<string, unknown>} bindings */
function startFence(bindings) {
  process.argv.splice(1);
  const url = installFence(step, bindings, wantedNames(step));
  tracer?.begin(Object.keys(bindings));
  reporting.watch = watchModules();
  void runFence(url).then((getters) => {
    read = (name) => getters[name]?.();
  }, fail);
}

/** What watches the code, in a step that is traced; it is in no other loaded. @returns {ReturnType<typeof import("./trace.mjs").openTrace> | undefined} */
function loadTracer() {
  if (!process.env["MLPIPE_TRACE"]) return undefined;
  const { createRequire } = process.getBuiltinModule("node:module");
  // Not destructured: what is built is CommonJS, where only this very form is known.
  const url = import.meta.url;
  const tracing = url.endsWith(".mjs") ? "./trace.mjs" : "../../stdlib/node/trace.mjs";
  const { openTrace } = createRequire(url)(tracing);
  return openTrace(step, dirname(fileURLToPath(url)), fencePath(step));
}

/** Notes that random numbers are drawn without a seed; costs one call, then steps aside, unless something stands above it. */
function watchRandom() {
  if (step.seed !== null) return;
  const { random } = Math;
  const watched = () => {
    unseeded = true;
    if (Math.random === watched) Math.random = random;
    return random();
  };
  Math.random = watched;
}

/** Node has nothing left to do: the code has ended, or waits for what never comes. */
async function finish() {
  if (stage === "ended") return;
  if (stage === "running" && step.code.script) {
    stage = "asking";
    const exported = await exportsOf(step.code.path);
    read = (name) => exported[name] ?? Reflect.get(globalThis, name);
  }
  if (!read || stage === "collecting") throw waitsForever();
  stage = "collecting";
  tracer?.end();
  end(await collectOutputs({ step, emit, given, read: readOwn, missing, report }));
}

function waitsForever() {
  return new Problem(
    "R0810",
    "the code waits for something that never happens: an `await` is still open and Node has nothing left to do",
    "see that what it waits for is resolved or rejected",
  );
}

/** @type {Read} */
function readOwn(name) {
  const value = read?.(name);
  return native.get(name) === value ? undefined : value;
}

/** @param {string} kind @param {string} name @returns {Problem} */
function missing(kind, name) {
  return missingOutput(kind, name, readFileSync(step.code.path, "utf8"));
}

/** @param {"warning" | "error"} level @param {unknown} problem @param {string | null} variable */
function report(level, problem, variable) {
  reportOutput(reporting, level, problem, variable);
}

/** @param {unknown} thrown */
function fail(thrown) {
  if (stage === "failing") {
    process.stderr.write(`mlpipe: ${String(/** @type {Error} */ (thrown)?.stack ?? thrown)}\n`);
    process.exit(70);
  }
  const open = stage !== "ended";
  stage = "failing";
  reportThrown(reporting, thrown);
  if (open) end(false);
  process.exit(1);
}

/** The module that the step's own code is. */
function ownPath() {
  return step.code.script ? step.code.path : fencePath(step);
}

/** @param {boolean} ok */
function end(ok) {
  stage = "ended";
  const { urls } = reporting.watch;
  const loaded = loadedAmong(urls, dirname(fileURLToPath(import.meta.url)), ownPath());
  emit("end", { ok, packages: packagesAmong(urls), unseeded, loaded });
  if (!ok) process.exitCode = 1;
}
