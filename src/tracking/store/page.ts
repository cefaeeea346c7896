/** Pages of results: a token is MLflow's own, base64 of `{"offset": N}`, in some searches with what was searched for. */
import { isDeepStrictEqual } from "node:util";
import { invalid } from "./store.ts";

/** What a token holds besides the offset: the search that it is for. */
type Searched = Readonly<Record<string, unknown>>;

/** Where a page starts: 0 without a token; throws for a token that is none, or one of another search. The first page has none. */
export function readOffset(token: string | undefined, searched: Searched = {}): number {
  if (token === undefined || token === "") return 0;
  const parsed = parseToken(token);
  const offset = Math.trunc(Number(parsed["offset"] || Number.NaN));
  if (!(offset >= 0) || !Number.isSafeInteger(offset)) {
    throw invalid(
      "the page token is none that this store gave",
      "leave it out to start at the first page",
    );
  }
  for (const [field, value] of Object.entries(searched)) {
    if (!isDeepStrictEqual(parsed[field] ?? null, value))
      throw invalid(`the page token is of a search with another ${field}`, "repeat that search");
  }
  return offset;
}

function parseToken(token: string): Searched {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, "base64").toString());
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function writeToken(searched: Searched, offset: number): string {
  const own = Object.entries({ ...searched, offset })
    .map(([field, value]) => `${JSON.stringify(field)}: ${JSON.stringify(value)}`)
    .join(", ");
  return Buffer.from(`{${own}}`).toString("base64");
}

interface PageOf<Item> {
  readonly items: readonly Item[];
  readonly next_page_token?: string;
}
interface Place {
  readonly size: number;
  readonly offset: number;
  readonly searched?: Searched;
}

/** Cuts what was fetched (one item more than the page holds, if there is one) to the page and the token of the next. */
export function cutPage<Item>(
  fetched: readonly Item[],
  { size, offset, searched = {} }: Place,
): PageOf<Item> {
  if (fetched.length <= size) return { items: fetched };
  return { items: fetched.slice(0, size), next_page_token: writeToken(searched, offset + size) };
}
