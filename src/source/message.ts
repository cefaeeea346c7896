/** One entry of the message table: its wording as functions of typed parameters, and its page for `mlpipe explain`. */
import type { Severity } from "./diagnostic.ts";

export interface Message<Parameters> {
  readonly severity: Severity;
  /** Headline of the explain page, e.g. "unknown word". */
  readonly title: string;
  /** One line: what is wrong. No code, no place; names in backticks. */
  readonly say: (p: Parameters) => string;
  /** One line: what to do, or "" where `say` already says it. */
  readonly fix: (p: Parameters) => string;
  /** One to five sentences: why mlpipe minds, and what to do. */
  readonly page: string;
  /** A complete small file that triggers exactly this code; undefined for what no single file can show. */
  readonly wrong: string | undefined;
  /** The same file, mended: no finding at all. */
  readonly right: string | undefined;
}

/** Identity, so that an entry's parameters are inferred where it is written. */
export function message<Parameters>(entry: Message<Parameters>): Message<Parameters> {
  return entry;
}
