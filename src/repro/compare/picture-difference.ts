/** How many pixels of two pictures differ. */
import type { Picture } from "../../content/png.ts";
import type { Difference } from "./comparison.ts";

/** Undefined exactly where the pictures are the same. */
export function pictureDifference(before: Picture, after: Picture): Difference | undefined {
  const isAlike = before.width === after.width && before.height === after.height;
  const isComparable = isAlike && before.colours.length === after.colours.length;
  if (isComparable && before.colours.equals(after.colours)) return undefined;
  return {
    kind: "pictures",
    before: { width: before.width, height: before.height },
    after: { width: after.width, height: after.height },
    pixels: isComparable ? countPixels(before, after) : undefined,
  };
}

function countPixels({ width, height, colours }: Picture, after: Picture): number {
  const step = colours.length / (width * height);
  let count = 0;
  for (let at = 0; at < colours.length; at += step)
    if (colours.compare(after.colours, at, at + step, at, at + step) !== 0) count++;
  return count;
}
