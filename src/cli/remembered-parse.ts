/** Remembers beside the cache what was read of a file, since reading takes longer than most of what a command does then. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { deserialize, serialize } from "node:v8";
import { digestOf } from "../run/cache/digest.ts";
import { cacheFolder } from "../run/cache/places.ts";
import { writeWhole } from "../run/cache/write-whole.ts";
import type { Module } from "../syntax/ast.ts";
import { type Parse, createParser } from "../syntax/parse.ts";

/** The name of a built file changes with all that it is built from. Undefined where the sources run, which change unseen. */
const builtEdition = import.meta.filename.endsWith(".ts")
  ? undefined
  : path.basename(import.meta.filename);

export interface RememberingOptions {
  /** Tells parsers apart; undefined: nothing is remembered. */
  readonly edition?: string | undefined;
  /** Reads what is not remembered. */
  readonly parse?: Parse;
}

/**
 * A parser that gives what `parse` gives. One file a path is kept, in the cache of the project's folder where that has one;
 * of a text with mistakes nothing is kept.
 */
export function rememberingParser(
  folder: string,
  { edition = builtEdition, parse = createParser() }: RememberingOptions = {},
): Parse {
  const root = cacheFolder(folder);
  if (edition === undefined || !existsSync(root)) return parse;
  return (source) => {
    const key = JSON.stringify([edition, process.versions.v8, source.text]);
    const place = path.join(root, "parsed", digestOf(source.path));
    const known = recall(place, key);
    if (known) return { module: { ...known, source }, diagnostics: [] };
    const parsed = parse(source);
    if (parsed.diagnostics.length === 0) keep(place, key, parsed.module);
    return parsed;
  };
}

type Read = Omit<Module, "source">;

/** Of what was read, and of what it was read from and by: what stands behind it is whole, and the right one. */
function sealOf(key: string, read: Uint8Array): string {
  return digestOf(Buffer.concat([Buffer.from(key), read]));
}

const sealLength = 64;

function recall(place: string, key: string): Read | undefined {
  const bytes = readQuietly(place);
  const read = bytes?.subarray(sealLength);
  if (!bytes || !read || bytes.toString("latin1", 0, sealLength) !== sealOf(key, read))
    return undefined;
  return deserialize(read) as Read;
}

function readQuietly(place: string): Buffer | undefined {
  try {
    return readFileSync(place);
  } catch {
    return undefined;
  }
}

/** A folder that cannot be written only makes the next time slower. */
function keep(place: string, key: string, module: Module): void {
  const { edition, declarations, dangling } = module;
  const read = serialize({ edition, declarations, dangling } satisfies Read);
  try {
    writeWhole(place, Buffer.concat([Buffer.from(sealOf(key, read)), read]));
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
  }
}
