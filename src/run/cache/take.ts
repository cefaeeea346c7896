/** What an earlier execution gave, brought to the folder of a step that need not run. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { isInside } from "../step-event.ts";
import type { StepPlaces } from "../step-file.ts";
import type { Entry, EntryResult } from "./entry.ts";
import { type Flaw, linkFile, takeFile } from "./objects.ts";
import { type Stored, removeEntry, touchEntry } from "./store.ts";

/**
 * An entry that cannot be taken whole is taken away, and leaves nothing in the step's folder. `folder` is the project's: what
 * the step writes there is written there.
 */
export async function takeStep(
  root: string,
  stored: Stored,
  places: StepPlaces,
  folder: string,
): Promise<Flaw | undefined> {
  const { entry } = stored;
  rmSync(places.folder, { recursive: true, force: true });
  const flaw = await takeFiles(root, entry, places);
  if (flaw !== undefined) {
    removeEntry(stored.place);
    rmSync(places.folder, { recursive: true, force: true });
    return flaw;
  }
  makeFolders(entry.result, places);
  putSides(entry, places, folder);
  touchEntry(stored);
  return undefined;
}

async function takeFiles(
  root: string,
  { log, files, sides }: Entry,
  places: StepPlaces,
): Promise<Flaw | undefined> {
  const wanted = [
    ...files.map((file) => ({ object: file, target: path.join(places.outputs, file.path) })),
    ...sides.map((file, index) => ({ object: file, target: placeOfSide(places, index) })),
  ];
  // A file may be anybody's: none of it leads out of the step's folder, or the project's.
  if (![...files, ...sides].every((file) => isInside(file.path))) return "damaged";
  // Nobody writes to the log of a step that has ended.
  const flaw = log && (await linkFile(root, log, places.log));
  if (flaw) return flaw;
  for (const { object, target } of wanted) {
    const flaw = await takeFile(root, object, target);
    if (flaw) return flaw;
  }
  return undefined;
}

function placeOfSide({ folder }: StepPlaces, index: number): string {
  return path.join(folder, "sides", String(index));
}

/** As the step would, but for what is as it would be. */
function putSides({ sides }: Entry, places: StepPlaces, folder: string): void {
  for (const [index, { path: way }] of sides.entries()) {
    const from = placeOfSide(places, index);
    const target = path.join(folder, way);
    if (existsSync(target) && readFileSync(target).equals(readFileSync(from))) continue;
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(from, target);
  }
  rmSync(path.join(places.folder, "sides"), { recursive: true, force: true });
}

/** Folders without a file are outputs too. */
function makeFolders({ events }: EntryResult, { outputs }: StepPlaces): void {
  for (const event of events) {
    if (event.kind !== "artifact" && event.kind !== "model") continue;
    const place = path.join(outputs, event.path);
    if (!existsSync(place)) mkdirSync(place, { recursive: true, mode: 0o700 });
  }
}
