/** Moves nodes: what was read once is copied to where its text stands now. */
import type { Span } from "../../source/text.ts";

/** A copy of `node` whose spans all lie `by` further on; `node` itself if it stays. */
export function shift<Node>(node: Node, by: number): Node {
  return by === 0 ? node : (copy(node, by) as Node);
}

function copy(value: unknown, by: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.length === 0 ? value : value.map((one) => copy(one, by));
  if (isSpan(value)) return { start: value.start + by, end: value.end + by };
  const moved: Record<string, unknown> = { ...value };
  for (const key in moved) {
    const part = moved[key];
    if (typeof part === "object" && part !== null) moved[key] = copy(part, by);
  }
  return moved;
}

function isSpan(value: object): value is Span {
  return "start" in value;
}
