/** Whether a difference is more than what the last bits of a sum may do: no two libraries for linear algebra agree in those. */
import type { Difference, Row } from "../compare/comparison.ts";

/** Relative to the larger one, and absolute for what is nearly nothing. */
const [relative, absolute] = [1e-6, 1e-9];

export function isBeyondRounding(rows: readonly Row[], key: string): boolean {
  return rows.some((row) => row.key === key && (!row.difference || isLarge(row.difference)));
}

function isLarge(difference: Difference): boolean {
  switch (difference.kind) {
    case "points":
      return difference.points.some(({ before, after }) => farApart(before, after));
    case "cells":
      return difference.cells.some(({ before, after }) => differs(before, after));
    case "values":
      return difference.values.some(({ before, after }) => differs(before, after));
    case "predictions":
      return (
        difference.others.length > 0 ||
        [difference.absolute, difference.relative].some((it) => farApart(it?.before, it?.after))
      );
    case "lines":
      return patchDiffers(difference.patch ?? "");
    case "files":
      return difference.files.some((file) => isLarge(file.difference));
    case "only":
    case "pictures":
    case "failures":
      return true;
    case "bytes":
      return false;
    default:
      return difference satisfies never;
  }
}

function farApart(before: number | undefined, after: number | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  const distance = Math.abs(before - after);
  if (Number.isNaN(distance)) return !Object.is(before, after);
  return distance > Math.max(absolute, relative * Math.max(Math.abs(before), Math.abs(after)));
}

const number = /[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/giu;

/** Texts that are the same but for their numbers differ by those. */
function differs(before: string, after: string): boolean {
  if (before.replaceAll(number, "0") !== after.replaceAll(number, "0")) return true;
  const others = after.match(number) ?? [];
  return (before.match(number) ?? []).some((one, at) => farApart(Number(one), Number(others[at])));
}

function patchDiffers(patch: string): boolean {
  const lines = patch.split("\n");
  const of = (sign: string): string =>
    lines
      .filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)))
      .map((line) => line.slice(1))
      .join("\n");
  return differs(of("-"), of("+"));
}
