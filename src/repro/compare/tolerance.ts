/** What a promise lets two numbers differ by: those of a metric, and those that a model predicts. */
import type { Tolerance } from "../../check/program.ts";
import { isSameNumber, ulpsBetween } from "./ulp.ts";

/**
 * Whether two numbers are as near as `tolerance` says. `rel` is a share of the larger of the two. Infinities and NaN are near
 * themselves only, but for `ulp`, to which the largest number is next to the infinity.
 */
export function isWithin(a: number, b: number, tolerance: Tolerance): boolean {
  if (isSameNumber(a, b)) return true;
  switch (tolerance.kind) {
    case "within": {
      if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
      const scale = tolerance.scale === "rel" ? Math.max(Math.abs(a), Math.abs(b)) : 1;
      return Math.abs(a - b) <= tolerance.amount * scale;
    }
    case "ulp": {
      const distance = ulpsBetween(a, b);
      return distance !== undefined && distance <= tolerance.ulp;
    }
    case "exact":
    case "ignored":
    case "distribution":
      return false;
    default:
      return tolerance satisfies never;
  }
}

/** As it is written: `within 0.01`, `within 2%`, `within 1e-9 rel`, `within 4 ulp`; else the word for it. */
export function describeTolerance(tolerance: Tolerance): string {
  switch (tolerance.kind) {
    case "within":
      return tolerance.scale === "rel"
        ? `within ${shareText(tolerance.amount)}`
        : `within ${tolerance.amount}`;
    case "ulp":
      return `within ${tolerance.ulp} ulp`;
    default:
      return tolerance.kind;
  }
}

/** A percentage is written without an exponent. */
function shareText(share: number): string {
  const percent = String(Number((share * 100).toPrecision(12)));
  return percent.includes("e") ? `${share} rel` : `${percent}%`;
}
