/** Paths as `Files` has them: relative to the project's folder, forward slashes, no `.`, `..` or empty part. */

/** The normal form of `path`; undefined where it is absolute or climbs out of the folder. The folder itself is "". */
export function normalisePath(path: string): string | undefined {
  if (/^([/\\]|[A-Za-z]:)/.test(path) || path.includes("\0")) return undefined;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/** Order of texts by code point, the same on every machine and in every locale. */
export function compareByCodePoint(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
