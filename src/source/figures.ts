/** Numbers, sizes, times and durations as people read them. */

/** `1 file`, `2 files` */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** MLflow's SQL schema keeps infinities as the largest doubles. */
function infinityOf(value: number): number {
  return Math.abs(value) >= Number.MAX_VALUE ? Math.sign(value) * Infinity : value;
}

function named(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
}

/** Whole numbers with every digit, others with five that count: `0.26727`. */
export function shortNumber(value: number): string {
  const meant = infinityOf(value);
  if (!Number.isFinite(meant)) return named(meant);
  return String(Number.isSafeInteger(meant) ? meant : Number(meant.toPrecision(5)));
}

/** As short as it takes to tell the two apart; the same text only where they are the same number. */
export function tellApart(a: number, b: number): readonly [string, string] {
  const short = [shortNumber(a), shortNumber(b)] as const;
  if (short[0] !== short[1] || Object.is(a, b)) return short;
  return [String(a), String(b)];
}

/** `+0.05`, with the share of what it was: `+0.05 (+5.6 %)`. Empty where one of them is no number. */
export function changeText(a: number, b: number): string {
  const change = b - a;
  if (!Number.isFinite(infinityOf(a)) || !Number.isFinite(infinityOf(b))) return "";
  const share =
    a === 0 ? "" : ` (${signed(Number(((100 * change) / Math.abs(a)).toPrecision(2)))} %)`;
  return `${signed(Number(change.toPrecision(5)))}${share}`;
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}

const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** `312 B`, `3.2 kB`: a thousand bytes each. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  // What would be rounded to a thousand is one of the next unit.
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  return `${value.toFixed(unit > 0 && value < 99.95 ? 1 : 0)} ${units[unit]}`;
}

/** `34 ms`, `0.3 s`, `3 min 20 s`, `2 h 5 min`, `1 d 3 h`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 100) return `${milliseconds} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  const parts = (large: number, small: number): readonly number[] => [
    Math.floor(seconds / large),
    Math.floor((seconds % large) / small),
  ];
  if (seconds < 3600) return parts(60, 1).join(" min ") + " s";
  if (seconds < 86_400) return parts(3600, 60).join(" h ") + " min";
  return parts(86_400, 3600).join(" d ") + " h";
}

const two = (value: number): string => String(value).padStart(2, "0");

function dayOf(at: Date): string {
  return [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
}

function clockOf(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
}

/** `2026-11-22 02:14:39`, in the local time zone. */
export function timeText(milliseconds: number): string {
  const at = new Date(milliseconds);
  return `${dayOf(at)} ${clockOf(at)}`;
}

/** The time of today, else the day. */
export function shortTimeText(milliseconds: number, now: number): string {
  const at = new Date(milliseconds);
  const day = dayOf(at);
  return day === dayOf(new Date(now)) ? clockOf(at) : day;
}
