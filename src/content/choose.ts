/** Which kind of file it is. */
import path from "node:path";
import type { Format } from "../check/program.ts";
import type { ContainerName } from "./container.ts";
import { csv } from "./csv.ts";
import { json } from "./json.ts";
import { html, svg } from "./markup.ts";
import { mlmodel } from "./mlmodel.ts";
import { text } from "./text.ts";

/** Those that little code reads. The others are in `kinds.ts`, which not everybody needs. */
export const textKinds = { csv, json, text, html, svg, mlmodel };
export type KindName = keyof typeof textKinds | "png" | "pdf" | "r";
/** `packed`: by a compression that R reads and Node does not. */
export type FileKind = KindName | ContainerName | "parquet" | "packed" | "unknown";

/** What cannot be read as one of these is looked at as text. */
export function isTextual(kind: FileKind): boolean {
  return kind === "csv" || kind === "json";
}

const byFormat: Readonly<Partial<Record<Format, FileKind>>> = {
  csv: "csv",
  json: "json",
  text: "text",
  html: "html",
  rds: "r",
  png: "png",
  parquet: "parquet",
};

const byEnding: Readonly<Record<string, FileKind>> = {
  ".csv": "csv",
  ".json": "json",
  ".geojson": "json",
  ".html": "html",
  ".htm": "html",
  ".svg": "svg",
  ".rds": "r",
  ".rdata": "r",
  ".rda": "r",
};

const byName: Readonly<Record<string, FileKind>> = { MLmodel: "mlmodel", "crate.bin": "r" };

/** How files begin, as bytes read as Latin-1. */
const beginnings: readonly (readonly [RegExp, FileKind])[] = [
  [/^BZh[1-9]|^\xfd7zXZ\0/, "packed"],
  [/^\x89PNG\r\n\x1a\n/, "png"],
  [/^%PDF-/, "pdf"],
  [/^PAR1/, "parquet"],
  [/^PK\x03\x04/, "zip"],
  [/^[^]{257}ustar/, "tar"],
  [/^(?:RD[XA][23]\n|[XB]\n[^]{12}|A\n[23]\n\d+\n\d+\n)/, "r"],
  [/^\x1f\x8b/, "gzip"],
];

/** `format`: as it was declared; `file` and `folder` say nothing, then the name counts, and how it begins. */
export function kindOf(file: string, format: Format, content: Buffer): FileKind {
  const begin = content.toString("latin1", 0, 300);
  const found = beginnings.find(([pattern]) => pattern.test(begin))?.[1];
  if (found === "packed") return found;
  return kindByName(file, format) ?? found ?? (isText(content) ? "text" : "unknown");
}

/** As far as it can be told without the file; undefined: how it begins says what it is. */
export function kindByName(file: string, format: Format): FileKind | undefined {
  const ending = path.extname(file).toLowerCase();
  return byFormat[format] ?? byName[path.basename(file)] ?? byEnding[ending];
}

function isText(content: Buffer): boolean {
  if (content.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}
