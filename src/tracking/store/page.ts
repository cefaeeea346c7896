/** Pages of results: a token is MLflow's own, base64 of `{"offset": N}`. */
import { invalid } from "./store.ts";

/** Where a page starts: 0 without a token; throws for a token that is none. The first page has none. */
export function readOffset(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  const offset = Math.trunc(Number(parseOffset(token) || Number.NaN));
  if (!(offset >= 0)) {
    throw invalid(
      "the page token is none that this store gave",
      "leave it out to start at the first page",
    );
  }
  return offset;
}

function parseOffset(token: string): unknown {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, "base64").toString());
    return typeof parsed === "object" && parsed !== null && "offset" in parsed
      ? parsed.offset
      : undefined;
  } catch {
    return undefined;
  }
}

function writeToken(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString("base64");
}

interface PageOf<Item> {
  readonly items: readonly Item[];
  readonly next_page_token?: string;
}

/** Cuts what was fetched (one item more than the page holds, if there is one) to the page and the token of the next. */
export function cutPage<Item>(
  fetched: readonly Item[],
  { size, offset }: { readonly size: number; readonly offset: number },
): PageOf<Item> {
  if (fetched.length <= size) return { items: fetched };
  return { items: fetched.slice(0, size), next_page_token: writeToken(offset + size) };
}
