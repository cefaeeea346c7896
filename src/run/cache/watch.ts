/** What was known only after a step ran, the packages it loaded and the files it named, and how to look at it again without running. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Component } from "./component.ts";
import { digestOf, digestOfPath } from "./digest.ts";

/** A package where it lies: its own folder. */
export interface WatchedPackage {
  readonly name: string;
  readonly path: string;
}

/** Where to look. Paths of files are as `shownFrom` gives them. */
export interface Watch {
  readonly packages: readonly WatchedPackage[];
  /** R's libraries in the order in which they are searched. */
  readonly libraries: readonly string[];
  readonly files: readonly string[];
  /** Of these what was not there before the step: as long as that is so again, they are nothing to it. */
  readonly made: readonly string[];
  /** Outputs of the step, which its code names too: they are kept, and need not lie there. */
  readonly outputs: readonly string[];
}

export interface Surroundings {
  /** The project's folder, absolute. */
  readonly folder: string;
  /** Absolute paths of the files that the code names now. */
  readonly named: readonly string[];
}

/** Below the project's folder a relative path with forward slashes, elsewhere the path itself. */
export function shownFrom(folder: string, file: string): string {
  const way = path.relative(folder, file).split(path.sep).join("/");
  return way === "" || way === ".." || way.startsWith("../") || path.isAbsolute(way) ? file : way;
}

/** What there is now: a file more, less or otherwise, or another package, is another answer. */
export async function look(
  { packages, libraries, files, outputs }: Watch,
  { folder, named }: Surroundings,
): Promise<readonly Component[]> {
  const now = named.map((file) => shownFrom(folder, file));
  const all = new Set([...files, ...now.filter((file) => !outputs.includes(file))]);
  return [
    ...(await lookAtFiles([...all].toSorted(), folder)),
    ...packages.flatMap((one) => lookAtPackage(one, libraries)),
  ];
}

/** What has to be found by a look that gave `now`: what was found, but for what the step would make again. */
export function expectedBy(
  found: readonly Component[],
  { made }: Watch,
  now: readonly Component[],
): readonly Component[] {
  const there = new Set(now.map(({ name }) => name));
  const mayLack = new Set(made.map((file) => `file ${file}`));
  return found.filter(({ name }) => there.has(name) || !mayLack.has(name));
}

/** What lies in a project's folders and is none of its data. */
const noData = new Set([".git", ".mlpipe", "node_modules"]);

export async function lookAtFiles(
  files: readonly string[],
  folder: string,
): Promise<readonly Component[]> {
  const found: Component[] = [];
  for (const file of files) {
    const digest = await digestOfPath(path.resolve(folder, file), noData);
    if (digest !== undefined) found.push({ name: `file ${file}`, value: digest });
  }
  return found;
}

/** `4.1.19 sha`: the version, and the digest of the file that tells it, which a new installation changes. */
function lookAtPackage(
  { name, path: own }: WatchedPackage,
  libraries: readonly string[],
): readonly Component[] {
  const before = libraries.slice(0, Math.max(0, libraries.indexOf(path.dirname(own))));
  const nearer = before.map((library) => path.join(library, name));
  const place = nearer.find((folder) => existsSync(path.join(folder, "DESCRIPTION"))) ?? own;
  const text =
    readQuietly(path.join(place, "DESCRIPTION")) ?? readQuietly(path.join(place, "package.json"));
  if (text === undefined) return [];
  return [{ name: `package ${name}`, value: `${versionIn(text)} ${digestOf(text)}` }];
}

function versionIn(text: string): string {
  return (
    /^Version:\s*(\S+)/mu.exec(text)?.[1] ?? /"version"\s*:\s*"([^"]*)"/u.exec(text)?.[1] ?? ""
  );
}

function readQuietly(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
