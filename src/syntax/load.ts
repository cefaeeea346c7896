/** A file with everything it imports, parsed; each file is read once. */
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Files, ReadResult } from "../source/files.ts";
import { diagnose } from "../source/messages.ts";
import { normalisePath } from "../source/path.ts";
import { suggest } from "../source/suggest.ts";
import type { Place } from "../source/text.ts";
import type { ImportNode, Module } from "./ast.ts";
import { type Parse, createParser } from "./parse.ts";

export interface Loaded {
  readonly entry: Module;
  /** Every module, the entry included, by its path as `Files` has it; in order of loading. */
  readonly modules: ReadonlyMap<string, Module>;
  /** Path of the module that an import names; absent when it could not be loaded (a diagnostic says so). */
  readonly imports: ReadonlyMap<ImportNode, string>;
}

export interface LoadResult {
  /** Undefined when the entry file itself cannot be read; a diagnostic says why. */
  readonly loaded: Loaded | undefined;
  /** In order of loading; those of one file in the order of its text. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Loading {
  readonly files: Files;
  readonly parse: Parse;
  readonly modules: Map<string, Module>;
  readonly imports: Map<ImportNode, string>;
  readonly diagnostics: Diagnostic[];
  /** Paths of the files that are being loaded, each imported by the one before. */
  readonly open: string[];
}

type Unread = Exclude<ReadResult, { readonly kind: "text" }>;

/** Loads the file at `path` and what it imports. Imports are relative to the importing file, or `std/…`. */
export function load(path: string, files: Files, parse: Parse = createParser()): LoadResult {
  const found = { modules: new Map(), imports: new Map(), diagnostics: [] };
  const loading: Loading = { files, parse, ...found, open: [] };
  const entryPath = normalisePath(path) ?? path;
  const failed = loadFile(loading, entryPath);
  if (failed) sayEntry(loading, entryPath, failed);
  const { modules, imports, diagnostics } = loading;
  const entry = modules.get(entryPath);
  return { loaded: entry && { entry, modules, imports }, diagnostics };
}

/** Loads a file that is not loaded yet, with its imports; answers why it cannot be read, if so. */
function loadFile(loading: Loading, path: string): Unread | undefined {
  const read = loading.files.read(path);
  if (read.kind !== "text") return read;
  const { module, diagnostics } = loading.parse({ path, text: read.text });
  loading.modules.set(path, module);
  for (const diagnostic of diagnostics) loading.diagnostics.push(diagnostic);
  loading.open.push(path);
  for (const node of module.declarations)
    if (node.kind === "import") loadImport(loading, module, node);
  loading.open.pop();
  return undefined;
}

function loadImport(loading: Loading, module: Module, node: ImportNode): void {
  const { modules, imports, open } = loading;
  const named = textOf(node);
  const place = { source: module.source, span: node.path.span };
  const target = named === undefined ? undefined : resolveImport(module.source.path, named);
  if (named === undefined || target === undefined)
    return sayImport(loading, place, notAPath(named));
  if (open.includes(target)) return sayImport(loading, place, circle(open, target));
  if (!isMlpipe(target)) return sayOther(loading, place, named, target);
  const failed = modules.has(target) ? undefined : loadFile(loading, target);
  if (failed) sayUnread(loading, place, { named, target, failed });
  else imports.set(node, target);
}

/** The path of an import; undefined where it has holes. */
function textOf({ path }: ImportNode): string | undefined {
  const parts = path.parts.filter((part) => typeof part === "string");
  return parts.length === path.parts.length ? parts.join("") : undefined;
}

/** The path, as `Files` has it, of what the file `from` calls `named`; undefined where that leaves the project. */
function resolveImport(from: string, named: string): string | undefined {
  if (/^(?:[/\\]|[A-Za-z]:)/.test(named)) return undefined;
  const folder = from.slice(0, from.lastIndexOf("/") + 1);
  return normalisePath(named.startsWith("std/") ? named : folder + named);
}

function isMlpipe(path: string): boolean {
  return path.startsWith("std/") || path.endsWith(".mlpipe");
}

function notAPath(named: string | undefined): string {
  if (named === undefined) return "the path of an import is fixed: it holds no `${…}`";
  return `\`${named}\` leaves the project's folder`;
}

function circle(open: readonly string[], target: string): string {
  const round = [...open.slice(open.indexOf(target)), target];
  if (round.length === 2) return `\`${target}\` imports itself`;
  return `each of these files imports the next: ${round.join(" → ")}`;
}

function sayImport(loading: Loading, place: Place, what: string): void {
  loading.diagnostics.push(diagnose("E0205", place, { what, fix: undefined }));
}

function sayOther(loading: Loading, place: Place, named: string, target: string): void {
  const isShort = loading.files.kind(`${target}.mlpipe`) === "file";
  const question = isShort ? `; did you mean \`${named}.mlpipe\`?` : "";
  const edits = isShort && isPlain(named) ? [{ place, replacement: `"${named}.mlpipe"` }] : [];
  const what = `\`${named}\` is not an .mlpipe file${question}`;
  loading.diagnostics.push(diagnose("E0205", place, { what, fix: undefined }, { edits }));
}

interface UnreadImport {
  readonly named: string;
  readonly target: string;
  readonly failed: Unread;
}

function sayUnread(loading: Loading, place: Place, { named, target, failed }: UnreadImport): void {
  if (failed.kind === "not-utf8") return sayNotUtf8(loading, place, target, failed.offset);
  const nearest = failed.kind === "missing" ? findNear(loading.files, named, target) : undefined;
  const question = nearest === undefined ? "" : `; did you mean \`${nearest}\`?`;
  const edits = nearest === undefined ? [] : [{ place, replacement: `"${nearest}"` }];
  const what = `\`${named}\` ${because(failed)}${question}`;
  loading.diagnostics.push(diagnose("E0205", place, { what, fix: undefined }, { edits }));
}

function sayEntry(loading: Loading, path: string, failed: Unread): void {
  const place = { source: { path, text: "" }, span: { start: 0, end: 0 } };
  if (failed.kind === "not-utf8") return sayNotUtf8(loading, place, path, failed.offset);
  const suggestion = failed.kind === "missing" ? findNear(loading.files, path, path) : undefined;
  const about = { path, because: because(failed), suggestion };
  loading.diagnostics.push(diagnose("E0406", place, about));
}

function sayNotUtf8(loading: Loading, place: Place, path: string, offset: number): void {
  loading.diagnostics.push(diagnose("E0109", place, { path, offset }));
}

function because(failed: Exclude<Unread, { readonly kind: "not-utf8" }>): string {
  switch (failed.kind) {
    case "missing":
      return "is not there";
    case "folder":
      return "is a folder, not a file";
    case "outside":
      return "leaves the project's folder";
    case "too-large":
      return `is too large: ${failed.bytes} bytes`;
    case "unreadable":
      return `cannot be read: ${failed.reason}`;
    default:
      return failed satisfies never;
  }
}

/** What `named` was probably meant to be, among the files beside `target`. */
function findNear(files: Files, named: string, target: string): string | undefined {
  const folder = target.slice(0, Math.max(0, target.lastIndexOf("/")));
  const names = files.list(folder).filter((name) => isPlain(name) && isMlpipe(target));
  const nearest = suggest(target.slice(target.lastIndexOf("/") + 1), names);
  return nearest && named.slice(0, named.lastIndexOf("/") + 1) + nearest;
}

/** Whether a name stands in a text as it is. */
function isPlain(name: string): boolean {
  return !/["\\$\p{C}]/u.test(name);
}
