/** The files that a step is about to use: what it is given, and what its code names. Looked at before it starts. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { StepAction } from "../../plan/plan.ts";
import type { CodeFacts } from "../cache/code-facts.ts";
import { type Digest, digestOf, digestOfFile, filesOfTree, statOf } from "../cache/digest.ts";
import { isCode, namedFiles } from "../cache/named-files.ts";
import { shownFrom } from "../cache/watch.ts";
import type { StepInput } from "../protocol.ts";
import { type Original, inputsFolder, keepInputs, largestInput } from "./input-store.ts";
import type { RecordedFile, RecordedInput } from "./manifest.ts";

export interface UsedFiles {
  readonly inputs: readonly RecordedInput[];
  /** Of the code, and of all code files that it names. Undefined where the code cannot be read. */
  readonly facts: CodeFacts | undefined;
  readonly code: Digest | null;
}

interface Used extends Pick<RecordedInput, "variable" | "from" | "of" | "code"> {
  /** As it is called in the manifest. */
  readonly path: string;
  readonly place: string;
  /** Whether a copy may be made of it. */
  readonly isKept: boolean;
}

export interface CopyPlaces {
  /** The project's folder; copies go to its `.mlpipe/inputs`. */
  readonly folder: string;
  /** Larger files are not copied. */
  readonly largestCopy: number;
}

/** Folders with more files are only listed. */
const mostFiles = 1000;

/** `there`: where the declared inputs lie. Throws the file system's errors. */
export async function usedFiles(
  step: StepAction,
  there: readonly StepInput[],
  places: CopyPlaces,
): Promise<UsedFiles> {
  const { folder } = places;
  const text = codeOf(step, folder);
  const named = text === undefined ? undefined : namedBy(step, text, folder);
  const declared = [...inputsOf(step, there), ...pathsOf(step, folder)];
  const known = new Set(declared.map(({ place }) => place));
  const others = (named?.files ?? [])
    .filter((file) => !known.has(file))
    .map((file) => namedUse(file, folder));
  const inputs: RecordedInput[] = [];
  for (const used of [...declared, ...others]) inputs.push(await record(used, places));
  return { inputs, facts: named?.facts, code: text === undefined ? null : digestOf(text) };
}

/** Modules of the project that the step has loaded besides; looked at when it has ended. */
export async function loadedFiles(
  files: readonly string[],
  known: readonly RecordedInput[],
  places: CopyPlaces,
): Promise<readonly RecordedInput[]> {
  const { folder } = places;
  const names = new Set(known.map((one) => one.path));
  const found: RecordedInput[] = [];
  for (const file of files) {
    const used = namedUse(file, folder);
    if (!names.has(used.path) && statOf(file)?.isFile()) found.push(await record(used, places));
  }
  return found;
}

function codeOf({ code }: StepAction, folder: string): string | undefined {
  if (code.kind === "fence") return code.text;
  try {
    return readFileSync(path.resolve(folder, code.path), "utf8");
  } catch {
    return undefined;
  }
}

function namedBy(
  { code, language }: StepAction,
  text: string,
  folder: string,
): ReturnType<typeof namedFiles> {
  const own = code.kind === "fence" ? path.basename(code.file) : code.path;
  return namedFiles(text, language, { folder, home: path.dirname(path.resolve(folder, own)) });
}

function inputsOf({ inputs }: StepAction, there: readonly StepInput[]): readonly Used[] {
  return inputs.flatMap(({ variable, from }): readonly Used[] => {
    const place = there.find((one) => one.variable === variable)?.path;
    if (place === undefined) return [];
    const common = { variable, place, code: false };
    switch (from.kind) {
      case "step":
        return [{ ...common, from: "step", path: from.output.path, of: from.step, isKept: false }];
      case "file":
        return [{ ...common, from: "project", path: from.path, of: null, isKept: true }];
      case "data":
        return [{ ...common, from: "standard", path: from.path, of: null, isKept: false }];
      case "chosen":
        return [{ ...common, from: "run", path: from.output.path, of: from.runId, isKept: true }];
      case "run":
      case "run-id":
      case "best":
        throw new Error(`the run for the input ${variable} is chosen before the run is made`);
      default:
        return from satisfies never;
    }
  });
}

/** Params of type path name files too. */
function pathsOf({ params }: StepAction, folder: string): readonly Used[] {
  return params.flatMap(({ name, type, value }): readonly Used[] => {
    if (type !== "path" || typeof value !== "string") return [];
    const place = path.resolve(folder, value);
    return statOf(place) ? [{ ...whereIs(place, folder), variable: name, isKept: true }] : [];
  });
}

/** Of what lies outside of the project no copy is made: nobody has said that it belongs to the run. */
function namedUse(place: string, folder: string): Used {
  const where = whereIs(place, folder);
  return { ...where, variable: null, isKept: where.from === "project" && !isPrivate(place) };
}

function whereIs(place: string, folder: string): Omit<Used, "variable" | "isKept"> {
  const shown = shownFrom(folder, place);
  const from = shown === place ? "machine" : "project";
  return { from, path: shown, place, of: null, code: isCode(place) };
}

/** Files that by custom hold passwords. */
export function isPrivate(file: string): boolean {
  return /^\.env|^\.Renviron|^\.netrc|^\.npmrc|^id_|\.(?:pem|key|pfx|p12)$/i.test(
    path.basename(file),
  );
}

async function record(
  { variable, from, path: name, of, code, place, isKept }: Used,
  { folder, largestCopy }: CopyPlaces,
): Promise<RecordedInput> {
  const isFolder = statSync(place).isDirectory();
  const files = isFolder ? await filesIn(place) : [await recordFile(place)];
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const fits = bytes <= largestInput && files.length <= mostFiles;
  const kept = isKept && fits;
  if (kept) await keepInputs(inputsFolder(folder), originalsOf(place, files, largestCopy));
  return { variable, from, path: name, of, code, folder: isFolder, files, kept };
}

/** Those of at most `mostBytes`; `place` is the folder that the paths count from, or the only file. */
export function originalsOf(
  place: string,
  files: readonly RecordedFile[],
  mostBytes = largestInput,
): readonly Original[] {
  return files
    .filter(({ bytes }) => bytes <= mostBytes)
    .map(({ path: name, sha256: digest }) => ({ file: path.join(place, name), digest }));
}

/** Of all files below a folder. */
export async function filesIn(folder: string): Promise<readonly RecordedFile[]> {
  const found = await filesOfTree(folder);
  return found.flatMap(({ path: name, digest: sha256 }) => {
    const stat = statOf(path.join(folder, name));
    return stat?.isFile() ? [{ path: name, sha256, bytes: stat.size }] : [];
  });
}

/** Of one file. */
export async function recordFile(file: string, name = ""): Promise<RecordedFile> {
  return { path: name, sha256: await digestOfFile(file), bytes: statSync(file).size };
}
