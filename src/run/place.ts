/** Places of declarations as people write them. */
import { type Place, positionAt } from "../source/text.ts";

/** `iris.mlpipe:31:5` */
export function placeText({ source, span }: Place): string {
  const { line, column } = positionAt(source, span.start);
  return `${source.path}:${line}:${column}`;
}
