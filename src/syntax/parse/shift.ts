/** Moves nodes: a declaration that was read once is copied to where its text stands now. */
import type { Span } from "../../source/text.ts";

/** A copy of `node` whose spans all lie `by` further on; `node` itself if it stays. */
export function shift<Node>(node: Node, by: number): Node {
  return by === 0 ? node : (copy(node, by) as Node);
}

function copy(value: unknown, by: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => copy(item, by));
  if (isSpan(value)) return { start: value.start + by, end: value.end + by };
  const moved: Record<string, unknown> = {};
  const from = value as Readonly<Record<string, unknown>>;
  for (const key in from) moved[key] = copy(from[key], by);
  return moved;
}

function isSpan(value: object): value is Span {
  return "start" in value;
}
