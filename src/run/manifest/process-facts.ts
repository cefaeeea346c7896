/** What executed a step: the language, its packages and libraries, its random numbers. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Digest, digestOf, statOf } from "../cache/digest.ts";
import type { StepFacts } from "../protocol.ts";
import type { StepResult } from "../step.ts";
import type { FileMemory } from "./file-memory.ts";
import type { RecordedFile, RecordedGenerator, RecordedProcess } from "./manifest.ts";

/** Null where the process did not come to tell of itself. */
export function recordProcess(
  { runtime, packages, loaded, facts, unseeded, milliseconds }: StepResult,
  folder: string,
  memory: FileMemory,
): RecordedProcess | null {
  if (!loaded) return null;
  const places = new Map(loaded.packages.map(({ name, path: place }) => [name, place]));
  const own = new Set(facts?.base);
  const hasRenv = existsSync(path.join(folder, "renv.lock"));
  return {
    runtime,
    packages: packages.map(({ name, version }) => ({
      name,
      version,
      own: own.has(name),
      pinned: facts ? hasRenv : isLocked(places.get(name)),
    })),
    libraries: (facts?.libraries ?? []).flatMap((file) => recordLibrary(file, memory)),
    locale: facts?.locale ?? "",
    collator: facts?.collator ?? "",
    generator: facts ? recordGenerator(facts) : null,
    unseeded,
    milliseconds: Math.round(milliseconds),
  };
}

function recordGenerator({ atStart, atEnd, state }: StepFacts): RecordedGenerator {
  return { atStart, atEnd, state: state === "" ? null : digestOf(state) };
}

function recordLibrary(file: string, { remembered }: FileMemory): readonly RecordedFile[] {
  const sha256 = remembered("sha256", file, () => digestOf(readFileSync(file)));
  const bytes = statOf(file)?.size;
  return sha256 === undefined || bytes === undefined
    ? []
    : [{ path: file, sha256: sha256 as Digest, bytes }];
}

const lockFiles = ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"];

/** A lock file lies beside the folder `node_modules` that holds the package. */
function isLocked(place: string | undefined): boolean {
  const at = place?.indexOf(`${path.sep}node_modules${path.sep}`) ?? -1;
  if (place === undefined || at < 0) return false;
  return lockFiles.some((name) => existsSync(path.join(place.slice(0, at), name)));
}
