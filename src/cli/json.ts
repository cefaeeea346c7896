/** JSON for other programs: NaN and the infinities by name, as MLflow's JSON has them. */

function nonFiniteAsText(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** On one line. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value, nonFiniteAsText)}\n`;
}

/** Indented. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, nonFiniteAsText, 2)}\n`;
}
