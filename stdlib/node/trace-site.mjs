/** Where in the user's code a call stands, and how often it came from there. */
import { fileURLToPath } from "node:url";
import { shownFile } from "./errors.mjs";

/** @typedef {(about: string, name: string, caller: Function, detail?: () => unknown) => void} Note */
/** @typedef {{ readonly file: string, readonly line: number, readonly column: number, readonly via: string | null }} Site */
/** @typedef {{ readonly shown: import("./errors.mjs").Own, readonly own: readonly string[], readonly write: import("./trace.mjs").Write }} Where */

/** Of many calls of a function in one statement, places are looked for of the first ones, and then of every so many. */
const first = 64;
const every = 4096;

/** @param {Where} where */
export function openSites({ shown, own, write }) {
  let quiet = 0;
  let ended = false;
  let index = 0;
  /** @type {Map<string, number>} */
  const calls = new Map();
  /** Where each function was called from when that was looked for. @type {Map<string, Site | undefined>} */
  const last = new Map();
  const tally = openTally(write);

  const quietly = (/** @type {() => void} */ act) => {
    quiet++;
    try {
      act();
    } finally {
      quiet--;
    }
  };
  /** @type {Note} */
  const note = (about, name, caller, detail) => {
    if (quiet > 0 || ended) return;
    const count = (calls.get(name) ?? 0) + 1;
    calls.set(name, count);
    const isSampled = count <= first || count % every === 0;
    // Which files they are is wanted of all.
    if (!isSampled && !detail) return;
    quietly(() => {
      const site = isSampled ? siteOf(caller, shown, own, about === "environment") : last.get(name);
      last.set(name, site);
      const weight = count > first && !detail ? every : 1;
      const call = { about, name, detail: textOf(detail?.()), ...site };
      if (site) tally.keep({ ...call, expression: index + 1, forked: false }, weight);
    });
  };
  const flush = () => {
    tally.flush();
    calls.clear();
  };
  return {
    note,
    quietly,
    flush,
    /** The number of the statement that has ended. */
    next: () => ++index,
    /** False where it has ended before. */
    end() {
      const isFirst = !ended;
      ended = true;
      return isFirst;
    },
  };
}

/** Calls by what is said of them: the first of each is written at once, for the process may not live to count. @param {import("./trace.mjs").Write} write */
function openTally(write) {
  /** @type {Map<string, { readonly call: object, more: number }>} */
  const known = new Map();
  return {
    /** @param {object} call @param {number} weight */
    keep(call, weight) {
      const key = JSON.stringify(call);
      const same = known.get(key);
      if (same) same.more += weight;
      else {
        known.set(key, { call, more: 0 });
        write("call", { ...call, count: weight });
      }
    },
    flush() {
      for (const { call, more } of known.values())
        if (more > 0) write("call", { ...call, count: more });
      known.clear();
    },
  };
}

/** @param {unknown} detail */
function textOf(detail) {
  if (detail instanceof URL && detail.protocol === "file:") return fileURLToPath(detail);
  if (detail instanceof Uint8Array) return Buffer.from(detail).toString();
  return detail === undefined || detail === null ? null : String(detail);
}

/**
 * The innermost frame of the user's; undefined where there is none, or where mlpipe or the loader of modules stands before it.
 * @param {Function} caller left out, with all above it @param {import("./errors.mjs").Own} shown @param {readonly string[]} own
 * @param {boolean} direct what Node asks for its own use does not count: console.log looks at FORCE_COLOR @returns {Site | undefined}
 */
function siteOf(caller, shown, own, direct) {
  /** @type {string | null} */
  let via = null;
  const frames = framesAbove(caller);
  if (direct && frames[0]?.getFileName()?.startsWith("node:")) return undefined;
  for (const frame of frames) {
    const file = frame.getFileName() ?? "";
    const place = /^(?:file:|\/)/.test(file) ? shownFile(file, shown) : undefined;
    if (place !== undefined)
      return {
        file: place,
        line: frame.getLineNumber() ?? 0,
        column: frame.getColumnNumber() ?? 0,
        via,
      };
    if (/^node:internal\/(?:modules|process\/esm_loader)/.test(file)) return undefined;
    const path = file.startsWith("file:") ? fileURLToPath(file) : file;
    if (own.some((folder) => path.startsWith(folder))) return undefined;
    if (file !== "") via = packageOf(path) ?? frame.getFunctionName() ?? via;
  }
  return undefined;
}

/** @param {Function} caller @returns {readonly NodeJS.CallSite[]} */
function framesAbove(caller) {
  const { prepareStackTrace } = Error;
  const holder = /** @type {{ stack?: readonly NodeJS.CallSite[] }} */ ({});
  try {
    Error.prepareStackTrace = (_, frames) => frames;
    Error.captureStackTrace(holder, caller);
    return holder.stack ?? [];
  } finally {
    // Assigned even where it was not there before, it would count as the user's own.
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Error.prepareStackTrace = prepareStackTrace;
  }
}

/** @param {string} path */
function packageOf(path) {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}
