/** Two files of one kind, by what they mean. */
import { type KindName, isTextual } from "../../content/choose.ts";
import { type Kind, NotReadable, readSafely } from "../../content/kind.ts";
import { kinds } from "../../content/kinds.ts";
import type { RValue } from "../../content/r/value.ts";
import type { Difference } from "./comparison.ts";
import { type Finding, different, same } from "./finding.ts";
import { jsonDifference } from "./json-difference.ts";
import { lineDifference } from "./line-difference.ts";
import { pictureDifference } from "./picture-difference.ts";
import { differencesBetween } from "./r-difference.ts";
import { tableDifference } from "./table-difference.ts";

/** Tables and data that cannot be read as such are compared as texts. Throws NotReadable. */
export function compareContent(name: KindName, before: Buffer, after: Buffer): Finding {
  try {
    return compareKind(name, before, after);
  } catch (error) {
    if (!(error instanceof NotReadable) || !isTextual(name)) throw error;
    const finding = compareKind("text", before, after);
    return { ...finding, notes: [`compared as text: it ${error.message}`] };
  }
}

function compareKind(name: KindName, before: Buffer, after: Buffer): Finding {
  switch (name) {
    case "csv":
      return by(kinds.csv, tableDifference, before, after);
    case "json":
      return by(kinds.json, jsonDifference, before, after);
    case "png":
      return by(kinds.png, pictureDifference, before, after);
    case "text":
    case "html":
    case "svg":
    case "pdf":
    case "mlmodel":
      return by(kinds[name], lineDifference, before, after);
    case "r":
      return compareObjects(readSafely(kinds.r.read, before), readSafely(kinds.r.read, after));
    default:
      return name satisfies never;
  }
}

function by<Content>(
  kind: Kind<Content>,
  differ: (before: Content, after: Content) => Difference | undefined,
  before: Buffer,
  after: Buffer,
): Finding {
  const difference = differ(readSafely(kind.read, before), readSafely(kind.read, after));
  return difference ? different(difference) : same("content");
}

function compareObjects(before: RValue, after: RValue): Finding {
  const { values, count, pointers } = differencesBetween(before, after, { ignoresFormulas: false });
  const notes = pointers.map(
    (path) => `\`${path}\` is a pointer out of R: what it points to is in no file`,
  );
  if (count === 0) return same("content", notes);
  const difference = { kind: "values", values, count } as const;
  const isLooselySame = differencesBetween(before, after, { ignoresFormulas: true }).count === 0;
  if (isLooselySame) return { rung: "environments", difference, isUndecided: false, notes };
  return different(difference, notes);
}
