/** Pages of `mlpipe explain`: one finding's cause, a file that has it, and the file mended. */
import type { Message } from "./message.ts";
import { messages } from "./messages.ts";
import { suggest } from "./suggest.ts";
import { wrap } from "./wrap.ts";

export type Explanation =
  | { readonly kind: "page"; readonly text: string }
  /** There is no such code; `text` says so and names the nearest one. */
  | { readonly kind: "unknown"; readonly text: string };

/**
 * The page of `code`, which may be written `e0203`, `0203` or as its title. `show` gives what mlpipe prints for an
 * example file; without it the page has no such part.
 */
export function explain(code: string, show?: (example: string) => string): Explanation {
  const known = findCode(code);
  return known === undefined
    ? { kind: "unknown", text: sayUnknown(code) }
    : { kind: "page", text: page(known, table[known] as Entry, show) };
}

/** Every code and its title, in the order of the codes. */
export function listCodes(): readonly { readonly code: string; readonly title: string }[] {
  return Object.entries(table)
    .map(([code, { title }]) => ({ code, title }))
    .toSorted((a, b) => (a.code < b.code ? -1 : 1));
}

type Entry = Pick<Message<never>, "severity" | "title" | "page" | "wrong" | "right">;
const table: Readonly<Record<string, Entry>> = messages;

function findCode(written: string): string | undefined {
  const wish = written.trim().toUpperCase();
  return Object.keys(table).find(
    (code) => code === wish || code.slice(1) === wish || table[code]?.title.toUpperCase() === wish,
  );
}

function sayUnknown(written: string): string {
  const titles = Object.values(table).map(({ title }) => title);
  const near =
    suggest(written.trim().toUpperCase(), Object.keys(table)) ?? suggest(written.trim(), titles);
  const hint = near === undefined ? "" : `; did you mean \`${near}\`?`;
  return `there is no code \`${written}\`${hint}\n`;
}

function page(code: string, entry: Entry, show: ((example: string) => string) | undefined): string {
  const parts = [`${code}  ${entry.title} (${entry.severity})`, wrap(entry.page)];
  if (entry.wrong !== undefined) {
    parts.push("For example:", indent(entry.wrong));
    if (show) parts.push("mlpipe says:", indent(show(entry.wrong)));
  }
  if (entry.right !== undefined) parts.push("Mended:", indent(entry.right));
  return `${parts.join("\n\n")}\n`;
}

function indent(text: string): string {
  return text.trimEnd().replace(/^(?=.)/gm, "    ");
}
