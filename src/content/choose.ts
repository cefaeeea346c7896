/** Which kind of file it is. */
import path from "node:path";
import type { Format } from "../check/program.ts";
import { csv } from "./csv.ts";
import { json } from "./json.ts";
import { mlmodel } from "./mlmodel.ts";
import { rObject } from "./r-object.ts";
import { text } from "./text.ts";

export const kinds = { csv, json, text, r: rObject, mlmodel };
export type KindName = keyof typeof kinds;

const byFormat: Readonly<Partial<Record<Format, KindName>>> = {
  csv: "csv",
  json: "json",
  text: "text",
  html: "text",
  rds: "r",
};

const byEnding: Readonly<Record<string, KindName>> = {
  ".csv": "csv",
  ".json": "json",
  ".rds": "r",
  ".rdata": "r",
  ".rda": "r",
  ".txt": "text",
  ".log": "text",
  ".md": "text",
  ".tsv": "text",
  ".html": "text",
  ".r": "text",
  ".yaml": "text",
  ".yml": "text",
};

const byName: Readonly<Record<string, KindName>> = { MLmodel: "mlmodel", "crate.bin": "r" };

/** Undefined: nothing is known about it but its bytes. */
export function kindOf(file: string, format: Format, content: Buffer): KindName | undefined {
  return (
    byFormat[format] ??
    byName[path.basename(file)] ??
    byEnding[path.extname(file).toLowerCase()] ??
    (isText(content) ? "text" : undefined)
  );
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
