/** Files that a step has read, written or listed, and what each is to it: what it declares, its own code, or neither. */
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { StepFile } from "../../run/protocol.ts";
import type { Place } from "./trace-line.ts";

/** What a process did. */
export interface FileAct {
  readonly use: "read" | "write" | "list";
  /** Absolute, or a URL. */
  readonly path: string;
  /** Where in the user's code, as far as that is known. */
  readonly at: Place | undefined;
  /** The function that the code called for it: `read.csv`. */
  readonly by: string | undefined;
}

export interface FileUse extends FileAct {
  /** Below the project's folder where it lies there, else absolute. */
  readonly shown: string;
  readonly role: "input" | "output" | "code" | "undeclared";
}

/** What is known of a step besides its file. */
export interface Surroundings {
  /** Folders whose files nobody declares: libraries of packages, the runtime. */
  readonly libraries: readonly string[];
  /** Modules that are its code. */
  readonly code: readonly string[];
  /** Paths of the artifacts that it has given, by call too. */
  readonly given: readonly string[];
}

/** Folders of the system itself. */
const system = [
  "/usr",
  "/lib",
  "/lib32",
  "/lib64",
  "/bin",
  "/sbin",
  "/etc",
  "/proc",
  "/sys",
  "/dev",
  "/run",
  "/var/cache/fontconfig",
];

/** R's folder for the session, packages of Node and what tells it their kind, caches of fonts. */
const machinery = /\/node_modules\/|\/Rtmp[^/]+(\/|$)|\/\.cache\/fontconfig\/|\/package\.json$/;

/**
 * Each file once for each use, but for those of the system and of the runtime, and what a step itself has written before. `acts`
 * are in the order in which they happened.
 */
export function fileUses(
  acts: readonly FileAct[],
  step: StepFile,
  surroundings: Surroundings,
): readonly FileUse[] {
  const folder = realOf(step.folder);
  const unseen = [...system, ...surroundings.libraries, path.dirname(step.outputs)];
  const written = new Set<string>();
  const uses = new Map<string, FileUse>();
  for (const act of acts) {
    const key = `${act.use} ${act.path}`;
    const role = roleOf(act, step, folder, surroundings);
    const isOwn = act.use !== "write" && written.has(act.path);
    if (act.use === "write") written.add(act.path);
    if (isOwn || (role !== "input" && isUnseen(act, folder, unseen))) continue;
    const known = uses.get(key);
    if (known && (known.at || !act.at)) continue;
    uses.set(key, { ...act, role, shown: shownPath(act.path, folder) });
  }
  return [...uses.values()];
}

function roleOf(
  { use, path: file }: FileAct,
  { inputs, params, artifacts, models, code, folder: home }: StepFile,
  folder: string,
  { code: modules, given: artifactsGiven }: Surroundings,
): FileUse["role"] {
  if (use === "write") {
    const outputs = [...artifacts, ...models].map((output) => path.join(folder, output.path));
    // A file that is logged by call is copied under its own name.
    const isLogged = artifactsGiven.some((given) => path.basename(given) === path.basename(file));
    return isLogged || outputs.some((output) => isWithin(file, output)) ? "output" : "undeclared";
  }
  // The value of a param of type path is a file that the step may read.
  const paths = params.map(({ type, value }) => (type === "path" ? value : undefined));
  const declared = [...inputs.map((input) => input.path), ...paths];
  const isDeclared = (place: unknown): boolean =>
    typeof place === "string" && (isWithin(file, place) || isWithin(file, realOf(place)));
  if (declared.some(isDeclared)) return "input";
  const own = [code.path, path.join(home, path.basename(code.shownAs)), ...modules];
  return own.some((module) => file === module || file === realOf(module)) ? "code" : "undeclared";
}

function isUnseen(
  { use, path: file }: FileAct,
  folder: string,
  unseen: readonly string[],
): boolean {
  if (isUrl(file)) return false;
  if (unseen.some((root) => isWithin(file, root)) || machinery.test(file)) return true;
  if (isWithin(file, folder)) return /^(\.mlpipe(\/.*)?)?$/.test(path.relative(folder, file));
  // What is written where temporary files lie is the step's own affair.
  return use === "write" && [tmpdir(), realOf(tmpdir())].some((root) => isWithin(file, root));
}

/** `https://…`, which base R and {readr} open as they open files. */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text);
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

function shownPath(file: string, folder: string): string {
  return isWithin(file, folder) ? path.relative(folder, file) || "." : file;
}

/** Links resolved, as far as the file is there. */
function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}
