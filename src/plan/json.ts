/** A plan as JSON text. */
import type { Plan } from "./plan.ts";

/** The plan as data: numbers that JSON cannot hold (±Infinity, NaN) are their names as text; ends with a line break. */
export function planToJson(plan: Plan): string {
  const keep = (_: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify(plan, keep, 2)}\n`;
}
