/** After a step has done well: what it gave is kept, with all that it was made from. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { StepAction } from "../../plan/plan.ts";
import type { Failure } from "../event.ts";
import type { StepEvent, StepLoaded } from "../protocol.ts";
import { parseStepEvent } from "../step-event.ts";
import type { StepPlaces } from "../step-file.ts";
import { type Component, keyOf } from "./component.ts";
import { digestOf, filesOfTree, statOf } from "./digest.ts";
import { type Entry, type EntryResult, type KeptFile, objectsOf } from "./entry.ts";
import type { Known } from "./known.ts";
import { namedFiles } from "./named-files.ts";
import { keepFile, keepText } from "./objects.ts";
import type { StepName } from "./record.ts";
import { saveEntry } from "./store.ts";
import { type Watch, look, shownFrom } from "./watch.ts";

/** What a step depended on, as seen after it. */
export interface Seen {
  readonly found: readonly Component[];
  readonly watch: Watch;
  /** A file that it may have read is not what it was before: nobody knows what it has read. */
  readonly unsure: boolean;
}

/**
 * `before` is what the files that the code names were when the step began. A file that only came while it ran is its own,
 * unless it was loaded as code.
 */
export async function seeAfter(
  step: StepAction,
  before: readonly Component[],
  loaded: StepLoaded,
  { folder, named }: { readonly folder: string; readonly named: readonly string[] },
): Promise<Seen> {
  const outputs = new Set([...step.artifacts, ...step.models].map((output) => output.path));
  const old = new Map(before.map(({ name, value }) => [name, value]));
  const modules = loaded.files.map((file) => shownFrom(folder, file));
  const now = namedNow(step, folder) ?? named;
  const all = new Set([...now, ...named].map((file) => shownFrom(folder, file)));
  const isRead = (file: string): boolean => old.has(`file ${file}`) && !outputs.has(file);
  const written = [...all].filter((file) => !isRead(file) && !modules.includes(file)).toSorted();
  const files = [...new Set([...[...all].filter(isRead), ...modules])].toSorted();
  const watch = { packages: loaded.packages, libraries: loaded.libraries, files, written };
  const found = await look(watch, { folder, named: [] });
  const changed = found.some(({ name, value }) => (old.get(name) ?? value) !== value);
  const gone = files.length > found.filter(({ name }) => name.startsWith("file ")).length;
  return { watch, found, unsure: changed || gone };
}

/** The step itself may have made files that its code names. */
function namedNow({ code, language }: StepAction, folder: string): readonly string[] | undefined {
  const file = code.kind === "fence" ? code.file : code.path;
  const home = path.dirname(
    path.resolve(folder, code.kind === "fence" ? path.basename(file) : file),
  );
  if (code.kind === "fence") return namedFiles(code.text, language, { folder, home }).files;
  const script = path.resolve(folder, code.path);
  if (!existsSync(script)) return undefined;
  return namedFiles(readFileSync(script, "utf8"), language, { folder, home }).files;
}

export interface Executed {
  readonly name: StepName;
  readonly runId: string;
  readonly step: StepAction;
  readonly known: Known;
  readonly seen: Seen;
  readonly places: StepPlaces;
  readonly milliseconds: number;
  readonly warnings: readonly Failure[];
}

/** Throws the file system's errors; then nothing of it is to be found. `now`: milliseconds since 1970. Answers how much was kept. */
export async function keepStep(root: string, executed: Executed, now: number): Promise<number> {
  const { name, runId, step, known, seen, places, milliseconds, warnings } = executed;
  const events = readEvents(places.events);
  const line = step.code.kind === "fence" ? step.code.line : 0;
  const text = JSON.stringify({ events, warnings, line } satisfies EntryResult);
  const files = await keepOutputs(root, events, places.outputs);
  const entry: Entry = {
    edition: 1,
    ...name,
    runId,
    madeAt: now,
    milliseconds,
    components: known.components,
    found: seen.found,
    watch: seen.watch,
    result: keepText(root, text, digestOf(text)),
    log: statOf(places.log) ? await keepFile(root, places.log) : undefined,
    files,
  };
  const own = saveEntry(root, keyOf(known.components), entry);
  return objectsOf(entry).reduce((sum, { bytes }) => sum + bytes, own);
}

const kinds: ReadonlySet<string> = new Set(["metric", "metrics", "tag", "artifact", "model"]);

/** The step's own record of what it gave. */
function readEvents(file: string): readonly StepEvent[] {
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
