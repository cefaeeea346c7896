/**
 * In a traced step only (MLPIPE_TRACE is set): writes `trace.ndjson` beside step.json, as `src/repro/trace/trace-line.ts` reads it:
 * what each top-level statement has changed, what the code called that may differ from one execution to the next, and which of
 * the variables that a step is given were ever read.
 */
import { join } from "node:path";
import { installCalls } from "./trace-calls.mjs";
import { openSites } from "./trace-site.mjs";
import { instrument } from "./trace-statements.mjs";
import { digest } from "./trace-values.mjs";

const { process } = globalThis;
// Taken now: what the code sees of these is watched.
const { appendFileSync, realpathSync } = process.getBuiltinModule("node:fs");
const { registerHooks } = process.getBuiltinModule("node:module");

/** @typedef {import("../../src/run/protocol.ts").StepFile} StepFile */
/** @typedef {Readonly<Record<string, () => unknown>>} Variables what gives their values, or throws where they have none yet */
/** @typedef {{ readonly file: string, readonly first: number, readonly last: number, readonly names: readonly string[] }} Statement with its lines, and the names that exist once it has been executed */
/** @typedef {(kind: string, fields?: object) => void} Write */

/** Begins to watch. @param {StepFile} step @param {string} own the folder of the runtime @param {string} fence the path of the fence as a module */
export function openTrace(step, own, fence) {
  delete process.env["MLPIPE_TRACE"];
  const path = join(step.events, "..", "trace.ndjson");
  /** @type {Write} */
  const write = (kind, fields = {}) =>
    appendFileSync(path, `${JSON.stringify({ kind, ...fields })}\n`, { mode: 0o600 });
  const folders = [step.folder, realpathSync(step.folder)];
  const shown = {
    fence: step.code.script ? undefined : fence,
    shownAs: step.code.shownAs,
    folders,
  };
  write("start", { runtime: `Node ${process.versions.node}`, files: [] });
  const sites = openSites({ shown, own: [own, import.meta.dirname], write });
  const statements = openStatements(write, sites);
  const read = readOnce(write);
  process.on("exit", sites.flush);
  return {
    /** Begins to watch calls, and each module of the user's that is loaded from now on. @param {readonly string[]} given variables of the step */
    begin(given) {
      statements.begin(given);
      installCalls(sites.note);
      watchModules(shown, step.code.script ? [] : given, statements.add, read);
    },
    /** The same values; each is told the first time that it is read. @param {Readonly<Record<string, unknown>>} values */
    watched: (values) => watchedCopy(values, read),
    /** The code has ended: what is called from now on is the runtime's. */
    end() {
      if (!sites.end()) return;
      sites.flush();
      write("end");
    },
  };
}

/** @param {Write} write @returns {(name: string) => void} */
function readOnce(write) {
  const known = new Set();
  return (name) => {
    if (known.has(name)) return;
    known.add(name);
    write("read", { name });
  };
}

/** @param {Readonly<Record<string, unknown>>} values @param {(name: string) => void} read @returns {Record<string, unknown>} */
function watchedCopy(values, read) {
  const copy = {};
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(copy, name, {
      get: () => (read(name), value),
      set(given) {
        Object.defineProperty(copy, name, { value: given, writable: true, enumerable: true });
      },
      enumerable: true,
      configurable: true,
    });
  // Printed as the object that it stands for.
  const inspect = Symbol.for("nodejs.util.inspect.custom");
  return Object.defineProperty(copy, inspect, { value: () => values, enumerable: false });
}

/**
 * Each module gets a call behind each of its statements, by which the values of its variables are looked at.
 * @param {Write} write @param {ReturnType<typeof openSites>} sites
 */
function openStatements(write, sites) {
  /** Globals that are there before the code. @type {Set<PropertyKey>} */
  let before = new Set();
  /** @type {Statement[]} */
  const all = [];
  /** @type {Map<string, string>} */
  const digests = new Map();
  const ownGlobals = () =>
    Reflect.ownKeys(globalThis).filter((name) => typeof name === "string" && !before.has(name));
  const changed = (/** @type {string} */ file, /** @type {Variables} */ variables) => {
    /** @type {Record<string, string>} */
    const found = {};
    for (const [name, read] of Object.entries(variables)) {
      const text = digestOf(read);
      if (text === undefined || digests.get(`${file}:${name}`) === text) continue;
      digests.set(`${file}:${name}`, text);
      found[name] = text;
    }
    return found;
  };
  const globals = () =>
    Object.fromEntries(
      ownGlobals().map((name) => [
        String(name),
        () => Object.getOwnPropertyDescriptor(globalThis, name)?.value,
      ]),
    );
  const end = (/** @type {number} */ id, /** @type {Variables} */ variables) =>
    sites.quietly(() => {
      const { file, first, last, names } = all[id];
      const known = Object.fromEntries(names.map((name) => [name, variables[name]]));
      sites.flush();
      const fields = { index: sites.next(), file, line: first, end: last, removed: [], random: [] };
      const both = { ...changed(file, known), ...changed("", globals()) };
      write("expression", { ...fields, changed: both, state: null });
    });
  Object.defineProperty(globalThis, Symbol.for("mlpipe.trace"), { value: end });
  return {
    begin(/** @type {readonly string[]} */ given) {
      before = new Set([...Reflect.ownKeys(globalThis), ...given]);
    },
    /** @param {Statement} statement @returns {number} */
    add: (statement) => all.push(statement) - 1,
  };
}

/** @param {() => unknown} read */
function digestOf(read) {
  try {
    return digest(read());
  } catch {
    // It has no value before its own statement.
    return undefined;
  }
}

/** @param {import("./errors.mjs").Own} shown @param {readonly string[]} given @param {(statement: Statement) => number} add @param {(name: string) => void} read */
function watchModules(shown, given, add, read) {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const source = instrument(url, loaded, { shown, given, add, read });
      return source ?? loaded;
    },
  });
}
