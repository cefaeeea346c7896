/** Values, times and durations as the report's reader sees them; times are UTC, so that a report is the same everywhere. */

/** Five digits that count; whole numbers have all of theirs. */
export function valueText(value: number | string | null | undefined): string {
  if (typeof value !== "number") return value ?? "";
  return String(Number.isSafeInteger(value) ? value : Number(value.toPrecision(5)));
}

export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");
}

export function secondsText(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "" : `${Number((milliseconds / 1000).toPrecision(3))} s`;
}
