/** The files of a zip archive, unpacked into a folder of their own that none of them can leave. */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { type Entry, type ZipFile, openPromise, validateFileName } from "yauzl";
import { ProjectRefused } from "./refused.ts";

/** More than a project has, less than a disk holds. */
export interface ZipLimits {
  readonly files: number;
  /** Of all files together, unpacked. */
  readonly bytes: number;
}

const limits: ZipLimits = { files: 100_000, bytes: 4 * 2 ** 30 };

/** Unpacks `file` into the empty folder `target`. Throws ProjectRefused for what is no archive, or one that means harm. */
export async function unzip(
  file: string,
  target: string,
  { files, bytes }: ZipLimits = limits,
): Promise<void> {
  const archive = await openArchive(file);
  const seen = new Set<string>();
  let left = bytes;
  try {
    for await (const entry of archive.eachEntry()) {
      const name = safeName(entry, file);
      refuseTwin(name, seen, file);
      if (seen.size > files) throw refuse(file, `it holds more than ${files} files`);
      left -= await unpack(archive, entry, path.join(target, name), left, file);
    }
  } catch (error) {
    if (error instanceof ProjectRefused || (error instanceof Error && "syscall" in error))
      throw error;
    throw refuse(file, error instanceof Error ? error.message : String(error));
  } finally {
    archive.close();
  }
}

async function openArchive(file: string): Promise<ZipFile> {
  try {
    return await openPromise(file, { autoClose: false, strictFileNames: true });
  } catch (error) {
    if (error instanceof Error && "syscall" in error)
      throw new ProjectRefused(`\`${file}\` cannot be read: ${error.message}`, "name a zip file");
    throw refuse(file, error instanceof Error ? error.message : String(error));
  }
}

function refuse(file: string, problem: string): ProjectRefused {
  return new ProjectRefused(
    `the archive \`${file}\` is not unpacked: ${problem}`,
    "make it anew from the project's folder, with plain files and folders only",
  );
}

/** File types of Unix, in the upper bits of an entry's attributes. */
const typeMask = 0o170000;
const plainTypes = [0, 0o100000, 0o040000];

function modeOf(entry: Entry): number {
  return entry.externalFileAttributes >>> 16;
}

/** A relative path of plain parts. */
function safeName(entry: Entry, file: string): string {
  const name = entry.fileName;
  const problem = validateFileName(name);
  const parts = name.replace(/\/$/, "").split("/");
  if (problem !== null || parts.some((part) => part === "" || part === "." || /[\0\\]/.test(part)))
    throw refuse(file, `\`${name}\` is no path below the folder`);
  if (!plainTypes.includes(modeOf(entry) & typeMask))
    throw refuse(file, `\`${name}\` is a link or a device`);
  if (entry.isEncrypted()) throw refuse(file, `\`${name}\` is encrypted`);
  return name;
}

/** Names that some file system takes for the same are the same here. */
function refuseTwin(name: string, seen: Set<string>, file: string): void {
  const key = name.replace(/\/$/, "").normalize("NFC").toLowerCase();
  if (seen.has(key)) throw refuse(file, `it holds \`${name}\` twice`);
  seen.add(key);
}

/** Bytes that were written. */
async function unpack(
  archive: ZipFile,
  entry: Entry,
  place: string,
  left: number,
  file: string,
): Promise<number> {
  if (entry.fileName.endsWith("/")) {
    await mkdir(place, { recursive: true, mode: 0o700 });
    return 0;
  }
  if (entry.uncompressedSize > left) throw tooLarge(file);
  await mkdir(path.dirname(place), { recursive: true, mode: 0o700 });
  const mode = modeOf(entry) & 0o100 ? 0o700 : 0o600;
  // It fails where there is more than the entry says.
  const content = await archive.openReadStreamPromise(entry);
  await pipeline(content, createWriteStream(place, { flags: "wx", mode }));
  return entry.uncompressedSize;
}

function tooLarge(file: string): ProjectRefused {
  return refuse(file, "it would unpack to more than fits a project");
}
