/** Where the compiler's files come from: the disk, memory, or an editor's unsaved buffers. No other way to a file. */

/**
 * Paths are relative to the project's folder, with forward slashes, normalised (`data/iris.csv`), or begin with `std/`
 * for the standard library that ships with mlpipe (`std/metrics`, without an ending).
 */
export type ReadResult =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "folder" }
  /** Leaves the project's folder, as written or through a link. */
  | { readonly kind: "outside" }
  /** `offset` of the first byte that is not UTF-8. */
  | { readonly kind: "not-utf8"; readonly offset: number }
  | { readonly kind: "too-large"; readonly bytes: number }
  | { readonly kind: "unreadable"; readonly reason: string };

export interface Files {
  /** The text of a file, without a byte order mark; line breaks as they are. */
  read(path: string): ReadResult;
  kind(path: string): "file" | "folder" | "missing" | "outside" | "unreadable";
  /** Names in a folder, sorted by code point; empty when it is none. For did-you-mean. */
  list(path: string): readonly string[];
}
