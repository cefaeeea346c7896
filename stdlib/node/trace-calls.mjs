/** Which functions of the language are watched, and what a call of each is about. */
import { watchDates } from "./trace-dates.mjs";
import { watchFiles } from "./trace-files.mjs";

const { process } = globalThis;
const builtin = (/** @type {string} */ name) =>
  /** @type {Record<string, any>} */ (process.getBuiltinModule(name));

/** @typedef {import("./trace-site.mjs").Note} Note */
/** @typedef {(target: object, names: string, about: string, options?: { readonly as?: string, readonly detail?: (args: readonly any[]) => unknown, readonly when?: (args: readonly any[]) => boolean }) => void} Watch */

/** @param {Note} note */
export function installCalls(note) {
  const watch = watcher(note);
  watchNumbers(watch);
  watchClock(watch);
  watchHost(watch, note);
  watchTexts(watch);
  watchConcurrency(watch);
  watchDates(note, watch);
  watchFiles(watch);
  watchEnvironment(note);
  // Modules that import the functions by name see the watched ones from now on.
  builtin("node:module").syncBuiltinESMExports();
}

/**
 * Replaces the functions `names` of `target` by ones that tell of their calls; `as` stands before the name that is told. What a
 * watched function calls in turn is not told.
 * @param {Note} note @returns {Watch}
 */
function watcher(note) {
  let depth = 0;
  const wrap = (
    /** @type {Function} */ original,
    /** @type {(watched: Function, args: any[]) => void} */ tell,
  ) => {
    /** @this {unknown} @param {any[]} args */
    const watched = function (...args) {
      if (depth === 0) tell(watched, args);
      depth++;
      try {
        return new.target === undefined
          ? Reflect.apply(original, this, args)
          : Reflect.construct(original, args, new.target === watched ? original : new.target);
      } finally {
        depth--;
      }
    };
    return adopt(watched, original);
  };
  return (target, names, about, { as = "", detail, when } = {}) => {
    for (const name of names.split(" ")) {
      const original = Reflect.get(target, name);
      if (typeof original !== "function") continue;
      const shown = as === "" ? name : `${as}.${name}`;
      const watched = wrap(original, (caller, args) => {
        if (!when || when(args)) note(about, shown, caller, detail && (() => detail(args)));
      });
      const promised = Reflect.get(original, promisified);
      if (typeof promised === "function")
        Object.defineProperty(watched, promisified, {
          value: wrap(promised, (caller, args) =>
            note(about, shown, caller, detail && (() => detail(args))),
          ),
          configurable: true,
        });
      replace(target, name, watched);
    }
  };
}

/** What `util.promisify` gives of a function that has its own way. */
const promisified = Symbol.for("nodejs.util.promisify.custom");

/** With all that the original has of its own: its name, its prototype. @param {Function} watched @param {Function} original */
function adopt(watched, original) {
  for (const key of Reflect.ownKeys(original)) {
    const property = Object.getOwnPropertyDescriptor(original, key);
    if (property)
      Reflect.defineProperty(watched, key, {
        ...property,
        ...(key === promisified && { configurable: true }),
      });
  }
  if (!Object.hasOwn(original, "prototype"))
    Object.setPrototypeOf(watched, Object.getPrototypeOf(original));
  return watched;
}

/** @param {object} target @param {string} name @param {Function} watched */
function replace(target, name, watched) {
  const property = Object.getOwnPropertyDescriptor(target, name);
  const plain = { writable: true, configurable: true, enumerable: true };
  const own = property && "value" in property ? property : plain;
  Reflect.defineProperty(target, name, { ...own, value: watched });
}

/** @param {Watch} watch */
function watchNumbers(watch) {
  watch(Math, "random", "random", { as: "Math" });
  const crypto = builtin("node:crypto");
  const names =
    "randomUUID randomBytes randomInt randomFill randomFillSync getRandomValues generateKeyPair generateKeyPairSync generateKey generateKeySync";
  watch(crypto, names, "random", { as: "crypto" });
  const own = Object.getPrototypeOf(globalThis.crypto);
  watch(own, "randomUUID getRandomValues", "random", { as: "crypto" });
}

/** @param {Watch} watch */
function watchClock(watch) {
  watch(Object.getPrototypeOf(performance), "now", "clock", { as: "performance" });
  const { hrtime } = process;
  watch(hrtime, "bigint", "clock", { as: "process.hrtime" });
  watch(process, "hrtime uptime cpuUsage resourceUsage", "clock", { as: "process" });
}

/** @param {Watch} watch @param {Note} note */
function watchHost(watch, note) {
  const os = builtin("node:os");
  watch(os, "cpus availableParallelism", "cpu-count", { as: "os" });
  const names =
    "hostname userInfo homedir tmpdir loadavg totalmem freemem uptime networkInterfaces arch machine platform release type version";
  watch(os, names, "host", { as: "os" });
  watch(process, "cwd memoryUsage umask getuid getgid geteuid getegid", "host", { as: "process" });
  for (const name of ["pid", "ppid", "title"])
    watchProperty(process, name, "host", `process.${name}`, note);
  watchProperty(process, "argv", "arguments", "process.argv", note);
}

/** @param {Record<string, any>} target @param {string} name @param {string} about @param {string} shown @param {Note} note */
function watchProperty(target, name, about, shown, note) {
  const property = Object.getOwnPropertyDescriptor(target, name);
  if (!property?.configurable) return;
  const { enumerable = true, configurable } = property;
  const own = Object.defineProperty({}, name, property);
  const get = () => {
    note(about, shown, get);
    return Reflect.get(own, name, target);
  };
  const set = (/** @type {unknown} */ given) => void Reflect.set(own, name, given);
  Object.defineProperty(target, name, { get, set, enumerable, configurable });
}

/** What the locale of the machine decides where the code names none. @param {Watch} watch */
function watchTexts(watch) {
  const isOpen = (/** @type {number} */ at) => (/** @type {readonly unknown[]} */ args) =>
    args[at] === undefined;
  watch(String.prototype, "localeCompare", "locale", { as: "String", when: isOpen(1) });
  watch(String.prototype, "toLocaleUpperCase toLocaleLowerCase", "locale", {
    as: "String",
    when: isOpen(0),
  });
  watch(Number.prototype, "toLocaleString", "locale", { as: "Number", when: isOpen(0) });
  watch(BigInt.prototype, "toLocaleString", "locale", { as: "BigInt", when: isOpen(0) });
  watch(Array.prototype, "toLocaleString", "locale", { as: "Array", when: isOpen(0) });
  const names =
    "NumberFormat Collator PluralRules RelativeTimeFormat ListFormat DisplayNames Segmenter";
  watch(Intl, names, "locale", { as: "Intl", when: isOpen(0) });
}

/** Work whose parts may end in any order. @param {Watch} watch */
function watchConcurrency(watch) {
  watch(builtin("node:crypto"), "pbkdf2 scrypt hkdf", "scheduling", { as: "crypto" });
  const packing =
    "gzip gunzip deflate inflate deflateRaw inflateRaw brotliCompress brotliDecompress";
  watch(builtin("node:zlib"), packing, "scheduling", { as: "zlib" });
  watch(Promise, "race any", "scheduling", { as: "Promise" });
  const detail = (/** @type {readonly unknown[]} */ [file]) => file;
  watch(builtin("node:worker_threads"), "Worker", "scheduling", { as: "worker_threads", detail });
  const names = "spawn spawnSync exec execSync execFile execFileSync fork";
  const command = (/** @type {readonly unknown[]} */ [file, args]) =>
    Array.isArray(args) ? [file, ...args].join(" ") : file;
  watch(builtin("node:child_process"), names, "process", { as: "child_process", detail: command });
}

/** @param {Note} note */
function watchEnvironment(note) {
  const proxy = new Proxy(process.env, {
    get: function get(target, name) {
      if (typeof name === "string" && Object.hasOwn(Object.prototype, name) === false)
        note("environment", "process.env", get, () => name);
      return Reflect.get(target, name);
    },
    has: function has(target, name) {
      note("environment", "process.env", has, () => String(name));
      return Reflect.has(target, name);
    },
    ownKeys: function ownKeys(target) {
      note("environment", "process.env", ownKeys);
      return Reflect.ownKeys(target);
    },
  });
  process.env = proxy;
}
