/**
 * Loaded before the code where the clock is held still (`still=` and `tick=` in MLPIPE_WORLD): what Node tells of the time, of
 * passed and of used time goes on by a little with every question of the code. What other programs are told is the shim's,
 * stdlib/shim/surroundings.c; by itself Node asks that now and then, so that it alone would not be still enough. Where chance is
 * held still too (`chance=`), `Math.random()` begins with that: V8 would stir in where the stack lies, which moves with the length
 * of each path and variable.
 */
import { setFlagsFromString } from "node:v8";

const { Date: OwnDate, performance, process } = globalThis;

const words = process.env["MLPIPE_WORLD"] ?? "";
const tick = Number(/(?:^| )tick=(\d+)/u.exec(words)?.[1] ?? 1000);
/** In milliseconds since 1970. */
const began = Number(/(?:^| )still=(\d+)/u.exec(words)?.[1] ?? 0) / 1000;
const chance = /(?:^| )chance=(\d+)/u.exec(words)?.[1];
let asked = 0;

if (chance !== undefined && !process.execArgv.some((word) => word.startsWith("--random-seed")))
  setFlagsFromString(`--random-seed=${chance}`);

/** In milliseconds, more and more with each question: a loop that waits for a moment comes to its end. */
function passed() {
  asked++;
  return 40 + (asked * tick + asked * asked) / 1000;
}

/** @param {object} owner @param {string} name @param {unknown} value */
function answer(owner, name, value) {
  Object.defineProperty(owner, name, { value, writable: true, configurable: true });
}

const now = () => Math.floor(began + passed());
const nanoseconds = () => BigInt(Math.round(passed() * 1e6));

/** @param {readonly [number, number]} [since] @returns {[number, number]} */
function hrtime(since = [0, 0]) {
  const time = nanoseconds() - (BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]));
  return [Number(time / 1_000_000_000n), Number(time % 1_000_000_000n)];
}

const StillDate = new Proxy(OwnDate, {
  apply: () => new OwnDate(now()).toString(),
  construct: (target, args, made) =>
    Reflect.construct(
      target,
      args.length === 0 ? [now()] : args,
      made === StillDate ? target : made,
    ),
});
answer(OwnDate, "now", now);
answer(OwnDate.prototype, "constructor", StillDate);
answer(globalThis, "Date", StillDate);
answer(Object.getPrototypeOf(performance), "now", passed);
answer(process, "hrtime", Object.assign(hrtime, { bigint: nanoseconds }));
answer(process, "uptime", () => passed() / 1000);
answer(process, "cpuUsage", () => ({ user: Math.round(passed() * 1000), system: 0 }));
