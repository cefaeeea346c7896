/** The clock and the time zone, as far as the code asks for them by Date and Intl. */

/** @typedef {import("./trace-site.mjs").Note} Note */
/** @typedef {import("./trace-calls.mjs").Watch} Watch */

/** A date alone, a zone at the end, or words for Greenwich: such a text means the same everywhere. */
const settled = /^[+-]?\d{4,6}(?:-\d\d){0,2}$|(?:Z|[+-]\d\d:?\d\d)\s*$|GMT|UTC/i;

/** @param {Note} note @param {Watch} watch */
export function watchDates(note, watch) {
  watch(Date, "now", "clock", { as: "Date" });
  const parts = "FullYear Month Date Hours Minutes Seconds Milliseconds".split(" ");
  const own = [...parts.flatMap((part) => [`get${part}`, `set${part}`]), "getDay", "getYear"];
  const names = `${own.join(" ")} getTimezoneOffset toString toDateString toTimeString`;
  watch(Date.prototype, names, "timezone", { as: "Date" });
  const isOpen = (/** @type {readonly any[]} */ [, options]) => options?.timeZone === undefined;
  const written = "toLocaleString toLocaleDateString toLocaleTimeString";
  watch(Date.prototype, written, "timezone", { as: "Date", when: isOpen });
  watch(Date.prototype, written, "locale", {
    as: "Date",
    when: ([locale]) => locale === undefined,
  });
  watch(Intl, "DateTimeFormat", "timezone", { as: "Intl", when: isOpen });
  watch(Intl, "DateTimeFormat", "locale", { as: "Intl", when: ([locale]) => locale === undefined });
  globalThis.Date = watchedDate(note);
}

/** Date itself, but for what it is called with. @param {Note} note @returns {DateConstructor} */
function watchedDate(note) {
  const original = Date;
  const proxy = new Proxy(original, {
    apply: function apply(target, self, args) {
      note("clock", "Date", apply);
      return Reflect.apply(target, self, args);
    },
    construct: function construct(target, args, made) {
      const about = subjectOf(args);
      if (about !== undefined) note(about, "new Date", construct);
      return Reflect.construct(target, args, made === proxy ? target : made);
    },
  });
  Object.defineProperty(original.prototype, "constructor", { value: proxy, enumerable: false });
  return proxy;
}

/** @param {readonly unknown[]} args */
function subjectOf(args) {
  if (args.length === 0) return "clock";
  if (args.length > 1) return "timezone";
  return typeof args[0] === "string" && !settled.test(args[0]) ? "timezone" : undefined;
}
