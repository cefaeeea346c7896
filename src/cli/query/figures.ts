/** Numbers, sizes, times and durations as people read them. */

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
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? bytes : value.toFixed(value < 100 ? 1 : 0)} ${units[power]}`;
}

/** `34 ms`, `0.3 s`, `3 min 20 s`, `2 h 5 min`, `1 d 3 h`. */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (milliseconds < 100) return `${milliseconds} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const [large, small, name, rest] =
    seconds < 3600
      ? [60, 1, "min", "s"]
      : seconds < 86_400
        ? [3600, 60, "h", "min"]
        : [86_400, 3600, "d", "h"];
  return `${Math.floor(seconds / Number(large))} ${name} ${Math.floor((seconds % Number(large)) / Number(small))} ${rest}`;
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
