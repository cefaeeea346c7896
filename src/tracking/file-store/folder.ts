/** Reads the folders and files of an `mlruns` folder, and nothing outside of it: links are reported, never followed. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { KeyValue } from "../entities.ts";
import { MalformedMessage, readMessage } from "../read-message.ts";
import type { Message, ValueOf } from "../shape.ts";
import type { Report } from "../transfer/source.ts";

export interface FileStore {
  /** The folder itself; absolute. */
  readonly root: string;
  readonly report: Report;
}

export const metaFile = "meta.yaml";

export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
}

/** What lies in `folder`, in the order of names; nothing where there is no such folder. */
export async function listFolder(store: FileStore, folder: string): Promise<readonly Entry[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch(noneIfAbsent);
  const entries: Entry[] = [];
  for (const entry of found) {
    const path = join(folder, entry.name);
    if (entry.isFile() || entry.isDirectory())
      entries.push({ name: entry.name, path, isFolder: entry.isDirectory() });
    else store.report({ place: path, message: "is a link or a device, which is not followed" });
  }
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function noneIfAbsent(cause: unknown): readonly never[] {
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
  throw cause;
}

export interface StoredFile {
  readonly path: string;
  /** Below the folder that was asked for, with forward slashes: keys with slashes lie in folders. */
  readonly key: string;
}

/** All files below `folder`. */
export async function listFiles(
  store: FileStore,
  folder: string,
  above = "",
): Promise<readonly StoredFile[]> {
  const files: StoredFile[] = [];
  for (const { name, path, isFolder } of await listFolder(store, folder)) {
    if (isFolder) files.push(...(await listFiles(store, path, `${above}${name}/`)));
    else files.push({ path, key: above + name });
  }
  return files;
}

/** One text a file, named by its key: params and tags. Empty lists are absent in MLflow's messages. */
export async function readTexts(store: FileStore, folder: string): Promise<readonly KeyValue[]> {
  const texts: KeyValue[] = [];
  for (const { path, key } of await listFiles(store, folder)) {
    const value = await tryText(store, path);
    if (value !== undefined) texts.push({ key, value });
  }
  return texts;
}

/** Undefined, and reported, where the file cannot be read or is no text. */
export async function tryText(store: FileStore, path: string): Promise<string | undefined> {
  try {
    return await readText(store, path);
  } catch (cause) {
    store.report({ place: path, message: explain(cause) });
    return undefined;
  }
}

/** Undefined, and reported, where the file is no text. */
export async function readText(store: FileStore, path: string): Promise<string | undefined> {
  const bytes = await readFile(path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    store.report({ place: path, message: "is no UTF-8 text" });
    return undefined;
  }
}

/** Lines of a metric's file, numbered from 1. */
export function reportLines(store: FileStore, file: string, lines: readonly number[]): void {
  for (const line of lines)
    store.report({ place: `${file}:${line}`, message: "is no point of a metric" });
}

/** The `meta.yaml` of `folder`; undefined, and reported, where it is missing or lacks what `message` says. */
export async function readMeta<M extends Message>(
  store: FileStore,
  folder: string,
  message: M,
): Promise<ValueOf<M> | undefined> {
  const place = join(folder, metaFile);
  try {
    const text = await readText(store, place);
    return text === undefined
      ? undefined
      : readMessage(message, inMessageForm(parse(text, { version: "1.1" })), { name: "it" });
  } catch (cause) {
    store.report({ place, message: explain(cause) });
    return undefined;
  }
}

/** As MLflow's messages have it: ids are texts (an experiment's was a number before MLflow 1.0), tags are a list. */
function inMessageForm(meta: unknown): unknown {
  if (!isFields(meta)) return meta;
  const entries = Object.entries(meta).map(([key, value]) => [key, formOf(key, value)] as const);
  return Object.fromEntries(entries);
}

function formOf(key: string, value: unknown): unknown {
  if (key === "tags" && isFields(value))
    return Object.entries(value).map(([name, text]) => ({ key: name, value: text }));
  const isId = key.endsWith("_id") || key === "version";
  return isId && typeof value === "number" ? String(value) : value;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function explain(cause: unknown): string {
  if (cause instanceof MalformedMessage) return cause.message;
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return "is missing";
  const text = cause instanceof Error ? cause.message : String(cause);
  return `cannot be read: ${text.split("\n")[0]}`;
}
