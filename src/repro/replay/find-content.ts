/** Looks for the content that a run was given, wherever a copy of it may be, by its digest. */
import path from "node:path";
import { type Digest, digestOfFile, statOf } from "../../run/cache/digest.ts";
import { inputsFolder, placeOfInput } from "../../run/manifest/input-store.ts";
import type { RecordedFile, RecordedInput } from "../../run/manifest/manifest.ts";
import type { TrackedRun } from "../../tracking/entities.ts";
import { askPages } from "../../tracking/pages.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { bringArtifact, tagOf } from "./recorded-run.ts";

export interface ContentPlaces {
  readonly run: TrackedRun;
  readonly tracking: Tracking;
  /** Where what is brought from the tracker lies. */
  readonly folder: string;
  /** Folders where the project lies or has lain; absolute. */
  readonly projects: readonly string[];
}

export interface Found {
  /** A file with that content on this machine; undefined: there is none. */
  readonly place: string | undefined;
  /** Where it was looked for in vain, as people name it. */
  readonly tried: readonly string[];
}

interface Look {
  readonly where: string;
  readonly look: () => Promise<string | undefined> | string | undefined;
}

/** What costs least comes first. */
export async function findContent(
  input: RecordedInput,
  file: RecordedFile,
  places: ContentPlaces,
): Promise<Found> {
  const tried: string[] = [];
  for (const { where, look } of looksFor(input, file, places)) {
    const place = await look();
    if (place !== undefined && (await isThat(place, file.sha256))) return { place, tried };
    tried.push(where);
  }
  return { place: undefined, tried };
}

function looksFor(
  input: RecordedInput,
  file: RecordedFile,
  places: ContentPlaces,
): readonly Look[] {
  const { projects, run, tracking } = places;
  return [
    ...projects.map((project) => ({
      where: inputsFolder(project),
      look: () => placeOfInput(inputsFolder(project), file.sha256),
    })),
    ...placesInProjects(input, file, projects).map((place) => ({
      where: place,
      look: () => place,
    })),
    {
      where: `the artifacts of the run ${run.info.run_id}`,
      look: () => inArtifacts(file.sha256, run, places),
    },
    ...originOf(input, file, places),
    {
      where: `other runs of that name in ${tracking.uri}`,
      look: () => inOtherRuns(file.sha256, places),
    },
  ];
}

async function isThat(place: string, digest: Digest): Promise<boolean> {
  return statOf(place)?.isFile() === true && (await digestOfFile(place)) === digest;
}

/** Where the file itself lay, and may lie still. */
export function placesInProjects(
  { from, path: name }: RecordedInput,
  file: RecordedFile,
  projects: readonly string[],
): readonly string[] {
  if (from === "machine") return [path.join(name, file.path)];
  if (from !== "project") return [];
  return projects.map((project) => path.join(project, name, file.path));
}

/** Of the run itself, or of the sweep that it is a trial of. */
async function inArtifacts(
  digest: Digest,
  run: TrackedRun,
  places: Pick<ContentPlaces, "tracking" | "folder">,
): Promise<string | undefined> {
  const { tracking, folder } = places;
  const own = await bringArtifact(`mlpipe/inputs/${digest}`, { run, tracking, folder });
  const parent = tagOf(run, "mlflow.parentRunId");
  if (own !== undefined || parent === undefined) return own;
  const above = await tracking.call("runs/get", { run_id: parent });
  return inArtifacts(digest, above.run, places);
}

/** What another run has made lies among its artifacts. */
function originOf(
  { from, of, path: name }: RecordedInput,
  file: RecordedFile,
  { tracking, folder }: ContentPlaces,
): readonly Look[] {
  if (from !== "run" || of === null) return [];
  const look = async (): Promise<string | undefined> => {
    const { run } = await tracking.call("runs/get", { run_id: of });
    const below = path.join(folder, "of", of);
    return bringArtifact(path.posix.join(name, file.path), { run, tracking, folder: below });
  };
  return [{ where: `the artifacts of the run ${of}`, look }];
}

/** How many of them are asked. */
const mostRuns = 20;

async function inOtherRuns(digest: Digest, places: ContentPlaces): Promise<string | undefined> {
  const { run, tracking } = places;
  const name = tagOf(run, "mlpipe.run");
  if (name === undefined || name.includes("'")) return undefined;
  const request = {
    experiment_ids: [run.info.experiment_id],
    filter: `tags.\`mlpipe.run\` = '${name}'`,
    max_results: mostRuns,
  };
  for await (const { runs = [] } of askPages(tracking, "runs/search", request)) {
    for (const other of runs) {
      const found = await inArtifacts(digest, other, places);
      if (found !== undefined) return found;
    }
    break;
  }
  return undefined;
}
