/** A digest of what an object of R holds. */
import { createHash } from "node:crypto";
import type { Attributes, Entry, RValue } from "./value.ts";

interface Walk {
  readonly feed: (part: string | Buffer) => void;
  /** Environments and pointers in the order in which they were first met. */
  readonly met: Map<RValue, number>;
}

/** SHA-256 in hexadecimal digits; the same for the same content, however and by whichever session it was written. */
export function digestObject(value: RValue): string {
  const hash = createHash("sha256");
  let waiting: string[] = [];
  const flush = (): void => {
    hash.update(waiting.join("\n"));
    waiting = [];
  };
  const feed = (part: string | Buffer): void => {
    if (typeof part === "string") waiting.push(part);
    else {
      flush();
      hash.update(part);
    }
  };
  walk(value, { feed, met: new Map() });
  flush();
  return hash.digest("hex");
}

/** Each part says its kind and how much follows, so that no two contents give the same words. */
function walk(value: RValue, to: Walk): void {
  switch (value.kind) {
    case "null":
    case "unbound":
      return to.feed(value.kind);
    case "symbol":
    case "place":
    case "primitive":
      return to.feed(`${value.kind} ${JSON.stringify(value.name)}`);
    case "object":
      to.feed("object");
      return walkEntries(value.attributes, to);
    case "numbers":
      to.feed(`${value.type} ${value.bytes.length}`);
      to.feed(value.bytes);
      return walkEntries(value.attributes, to);
    case "texts":
      to.feed(`texts ${JSON.stringify(value.values)}`);
      return walkEntries(value.attributes, to);
    case "list":
      to.feed(`${value.type} ${value.items.length}`);
      for (const item of value.items) walk(item, to);
      return walkEntries(value.attributes, to);
    case "pairs":
      to.feed(value.type);
      walkEntries(value.items, to);
      return walkEntries(value.attributes, to);
    case "closure":
      to.feed("closure");
      for (const part of [value.formals, value.body, value.environment]) walk(part, to);
      return walkEntries(value.attributes, to);
    case "promise":
      to.feed("promise");
      walk(value.code, to);
      return walk(value.environment, to);
    case "environment":
    case "pointer":
      return walkOnce(value, to);
    default:
      return value satisfies never;
  }
}

function walkEntries(entries: Attributes | readonly Entry[], to: Walk): void {
  to.feed(`entries ${entries.length}`);
  for (const { name, value } of entries) {
    to.feed(JSON.stringify(name));
    walk(value, to);
  }
}

function walkOnce(value: Extract<RValue, { kind: "environment" | "pointer" }>, to: Walk): void {
  const number = to.met.get(value);
  if (number !== undefined) return to.feed(`met ${number}`);
  to.met.set(value, to.met.size);
  if (value.kind === "environment") {
    to.feed("environment");
    walk(value.parent, to);
    walkEntries(value.variables, to);
  } else {
    to.feed(`${value.what} ${value.held.length}`);
    for (const item of value.held) walk(item, to);
  }
  walkEntries(value.attributes, to);
}
