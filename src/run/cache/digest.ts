/** SHA-256 of texts, files and folders: how the cache knows content, whatever it is called and wherever it lies. */
import { createHash } from "node:crypto";
import {
  type Dirent,
  type Stats,
  createReadStream,
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
} from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { ifStillThere } from "./there.ts";

/** 64 hexadecimal digits. */
export type Digest = string & { readonly brand: "sha256" };

/** Larger files are read piece by piece, so that nothing else has to wait for them. */
const largeFile = 4 << 20;

export function digestOf(content: string | Uint8Array): Digest {
  return createHash("sha256").update(content).digest("hex") as Digest;
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}

/** Large files that this process has measured, and as what: a data set is read once, however many trials are given it. */
const measured = new Map<string, { readonly state: string; readonly digest: Digest }>();
/** Milliseconds after which a change of a file surely gives it another time. */
const settledMs = 2000;

/** Throws the file system's errors. */
export async function digestOfFile(file: string): Promise<Digest> {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
  if (size <= largeFile) return digestOf(readFileSync(file));
  const state = [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  const known = measured.get(file);
  if (known?.state === state) return known.digest;
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  const digest = hash.digest("hex") as Digest;
  if (Date.now() - Number(ctimeNs / 1_000_000n) > settledMs) measured.set(file, { state, digest });
  return digest;
}

export interface TreeFile {
  /** Below the folder, with forward slashes. */
  readonly path: string;
  readonly digest: Digest;
}

/**
 * All files below `folder` but those below folders called as in `without`; a link counts as the file it leads to, else as its
 * own text. What goes while it is looked at is not there: others may work in the folder too.
 */
export async function filesOfTree(
  folder: string,
  without: ReadonlySet<string> = new Set(),
): Promise<readonly TreeFile[]> {
  const found: TreeFile[] = [];
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  for (const entry of entries)
    if (!without.has(entry.name))
      found.push(...((await ifStillThere(() => filesOfEntry(folder, entry, without))) ?? []));
  return found;
}

async function filesOfEntry(
  folder: string,
  entry: Dirent,
  without: ReadonlySet<string>,
): Promise<readonly TreeFile[]> {
  const { name } = entry;
  const file = path.join(folder, name);
  if (!entry.isDirectory())
    return [{ path: name, digest: await digestOfEntry(file, entry.isSymbolicLink()) }];
  const below = await filesOfTree(file, without);
  return below.map((each) => ({ ...each, path: `${name}/${each.path}` }));
}

/** Throws where it has gone. What is neither a file nor a link counts as empty. */
async function digestOfEntry(file: string, isLink: boolean): Promise<Digest> {
  const target = statOf(file);
  if (target?.isFile()) return digestOfFile(file);
  if (isLink) return digestOf(readlinkSync(file));
  lstatSync(file);
  return digestOf("");
}

/** One digest for a list of files. */
export function digestOfList(files: readonly TreeFile[]): Digest {
  const lines = files.map((file) => `${file.digest} ${file.path}\n`).toSorted();
  return digestOf(lines.join(""));
}

/** Of a file its content, of a folder all that is below it but `without`; undefined where neither is there. */
export async function digestOfPath(
  file: string,
  without?: ReadonlySet<string>,
): Promise<Digest | undefined> {
  const found = statOf(file);
  if (found?.isFile()) return digestOfFile(file);
  return found?.isDirectory() ? digestOfList(await filesOfTree(file, without)) : undefined;
}

/** Undefined where nothing is, or where it may not be looked at. */
export function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
