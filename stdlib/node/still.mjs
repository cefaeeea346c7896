/**
 * Loaded before the code where the clock is held still (`still=` and `tick=` in MLPIPE_WORLD): what Node tells of passed and used
 * time goes on by a little with every question. The time of day is the shim's, stdlib/shim/surroundings.c.
 */
const { performance, process } = globalThis;

const tick = Number(/(?:^| )tick=(\d+)/u.exec(process.env["MLPIPE_WORLD"] ?? "")?.[1] ?? 1000);
let asked = 0;

/** In milliseconds, more and more with each question: a loop that waits for a moment comes to its end. */
function passed() {
  asked++;
  return 40 + (asked * tick + asked * asked) / 1000;
}

/** @param {object} owner @param {string} name @param {(...args: any[]) => unknown} value */
function answer(owner, name, value) {
  Object.defineProperty(owner, name, { value, writable: true, configurable: true });
}

const nanoseconds = () => BigInt(Math.round(passed() * 1e6));

/** @param {readonly [number, number]} [since] @returns {[number, number]} */
function hrtime(since = [0, 0]) {
  const now = nanoseconds() - (BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]));
  return [Number(now / 1_000_000_000n), Number(now % 1_000_000_000n)];
}

answer(Object.getPrototypeOf(performance), "now", passed);
answer(process, "hrtime", Object.assign(hrtime, { bigint: nanoseconds }));
answer(process, "uptime", () => passed() / 1000);
answer(process, "cpuUsage", () => ({ user: Math.round(passed() * 1000), system: 0 }));
