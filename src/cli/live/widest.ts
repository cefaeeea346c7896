/** Columns of texts that stand below one another. */
import { harmless, widthOf } from "../../source/width.ts";

export function widest(texts: Iterable<string>): number {
  let columns = 0;
  for (const text of texts) columns = Math.max(columns, widthOf(harmless(text)));
  return columns;
}
