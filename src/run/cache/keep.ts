/** After a step has done well: what it gave is kept, with all that it was made from. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { StepAction } from "../../plan/plan.ts";
import type { Failure } from "../event.ts";
import type { StepEvent, StepLoaded } from "../protocol.ts";
import { isInside, parseStepEvent } from "../step-event.ts";
import type { StepPlaces } from "../step-file.ts";
import { type Component, keyOf } from "./component.ts";
import { filesOfTree, statOf } from "./digest.ts";
import { type Entry, type EntryResult, type KeptFile, objectsOf } from "./entry.ts";
import type { Known } from "./known.ts";
import { type NamedFiles, namedFiles } from "./named-files.ts";
import { keepFile } from "./objects.ts";
import type { StepName } from "./record.ts";
import { saveEntry } from "./store.ts";
import { type Watch, look, shownFrom } from "./watch.ts";

/** What a step depended on, as seen after it. */
export interface Seen {
  readonly found: readonly Component[];
  readonly watch: Watch;
  /** A file that it may have read is not what it was before: nobody knows which of them it has read. */
  readonly unsure: boolean;
  /** Files of the project that its code only writes. */
  readonly written: readonly string[];
}

/**
 * `before` is what the files were that the code names and may read. Of these and of modules it depends on what they were; on a
 * file that it made while it ran, and may have read again, it depends as it was made. Outputs and files that it only writes are
 * kept themselves.
 */
export async function seeAfter(
  step: StepAction,
  before: readonly Component[],
  given: Given,
  folder: string,
): Promise<Seen> {
  const named = namedNow(step, folder);
  const shown = (files: readonly string[]): readonly string[] =>
    files.map((file) => shownFrom(folder, file));
  const read = before.map(({ name }) => name.slice("file ".length));
  const all = new Set([...read, ...shown([...named.files, ...given.loaded.files])]);
  const outputs = [...all].filter((file) => given.outputs.has(file)).toSorted();
  const written = shown(named.written).filter((file) => !given.outputs.has(file) && isInside(file));
  const watch = {
    packages: given.loaded.packages,
    libraries: given.loaded.libraries,
    files: [...all].filter((file) => !given.outputs.has(file)).toSorted(),
    made: shown(named.files).filter((file) => !read.includes(file)),
    outputs,
  };
  const found = await look(watch, { folder, named: [] });
  const now = new Map(found.map(({ name, value }) => [name, value]));
  const unsure = before.some(
    ({ name, value }) => now.get(name) !== value && !given.outputs.has(name.slice("file ".length)),
  );
  return { watch, found, unsure, written };
}

/** What a step has given, and what it has loaded for that. */
export interface Given {
  /** Paths of what was declared, and of what was logged by call. */
  readonly outputs: ReadonlySet<string>;
  readonly loaded: StepLoaded;
}

export function givenBy(step: StepAction, places: StepPlaces, loaded: StepLoaded): Given {
  const logged = givenEvents(places.events).flatMap((event) =>
    event.kind === "artifact" || event.kind === "model" ? [event.path] : [],
  );
  const declared = [...step.artifacts, ...step.models].map((output) => output.path);
  return { outputs: new Set([...logged, ...declared]), loaded };
}

const nothing = { files: [], written: [] } as const;

/** The step itself may have made files that its code names. */
function namedNow(
  { code, language }: StepAction,
  folder: string,
): Pick<NamedFiles, "files" | "written"> {
  if (code.kind === "fence") {
    const home = path.dirname(path.resolve(folder, path.basename(code.file)));
    return namedFiles(code.text, language, { folder, home });
  }
  const script = path.resolve(folder, code.path);
  if (!existsSync(script)) return nothing;
  const home = path.dirname(script);
  return namedFiles(readFileSync(script, "utf8"), language, { folder, home });
}

export interface Executed {
  readonly name: StepName;
  readonly runId: string;
  /** The project's folder. */
  readonly folder: string;
  readonly step: StepAction;
  readonly known: Known;
  readonly seen: Seen;
  readonly places: StepPlaces;
  readonly milliseconds: number;
  readonly warnings: readonly Failure[];
  readonly draft: EntryResult["draft"];
}

/** Throws the file system's errors; then nothing of it is to be found. `now`: milliseconds since 1970. Answers how much was kept. */
export async function keepStep(root: string, executed: Executed, now: number): Promise<number> {
  const { name, runId, step, known, seen, places, milliseconds, warnings, draft } = executed;
  const events = givenEvents(places.events);
  const line = step.code.kind === "fence" ? step.code.line : 0;
  const result: EntryResult = { events, warnings, line, ...(draft && { draft }) };
  const files = await keepOutputs(root, events, places.outputs);
  const entry: Entry = {
    edition: 3,
    ...name,
    runId,
    madeAt: now,
    milliseconds,
    components: known.components,
    found: seen.found,
    watch: seen.watch,
    result,
    log: statOf(places.log)?.size ? await keepFile(root, places.log) : undefined,
    files,
    sides: await keepSides(root, seen.written, executed.folder),
  };
  const own = saveEntry(root, keyOf(known.components), entry);
  return objectsOf(entry).reduce((sum, { bytes }) => sum + bytes, own);
}

async function keepSides(
  root: string,
  written: readonly string[],
  folder: string,
): Promise<readonly KeptFile[]> {
  const kept: KeptFile[] = [];
  for (const file of written)
    kept.push({ path: file, ...(await keepFile(root, path.join(folder, file))) });
  return kept;
}

const kinds: ReadonlySet<string> = new Set(["metric", "metrics", "tag", "artifact", "model"]);

/** The step's own record of what it gave. */
export function givenEvents(file: string): readonly StepEvent[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      const event = line === "" ? undefined : parseStepEvent(line);
      return event && "kind" in event && kinds.has(event.kind) ? [event] : [];
    });
}

/** The runner writes MLmodel anew for each run. */
async function keepOutputs(
  root: string,
  events: readonly StepEvent[],
  outputs: string,
): Promise<readonly KeptFile[]> {
  const kept: KeptFile[] = [];
  for (const event of events) {
    if (event.kind !== "artifact" && event.kind !== "model") continue;
    const place = path.join(outputs, event.path);
    const isFolder = statOf(place)?.isDirectory();
    const names = isFolder ? (await filesOfTree(place)).map((file) => file.path) : [undefined];
    for (const name of names) {
      if (event.kind === "model" && name === "MLmodel") continue;
      const file = name === undefined ? place : path.join(place, name);
      const at = name === undefined ? event.path : path.posix.join(event.path, name);
      kept.push({ path: at, ...(await keepFile(root, file)) });
    }
  }
  return kept;
}
