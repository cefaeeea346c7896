/** The profiles and environment files that R reads before any code, see `?Startup`. */
import { homedir } from "node:os";
import path from "node:path";
import type { StepAction } from "../../plan/plan.ts";
import { statOf } from "../cache/digest.ts";
import { shownFrom } from "../cache/watch.ts";
import type { StepLoaded } from "../protocol.ts";
import type { RecordedFile } from "./manifest.ts";
import { recordFile } from "./used-files.ts";

export interface StartFiles {
  /** Paths in the project count from its folder, others are absolute. */
  readonly files: readonly RecordedFile[];
  /** Absolute paths of those that are the project's own. */
  readonly own: readonly string[];
}

/** `env`: what R inherits. Throws the file system's errors. */
export async function startFiles(
  { language, cleanStart }: StepAction,
  loaded: StepLoaded | undefined,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<StartFiles> {
  if (language !== "r" || cleanStart) return { files: [], own: [] };
  const base = loaded?.packages.find(({ name }) => name === "base")?.path;
  const site = base === undefined ? undefined : path.join(base, "..", "..", "etc");
  const own = (name: string): readonly string[] => [
    path.join(folder, name),
    path.join(env["HOME"] ?? homedir(), name),
  ];
  const of = (file: string): readonly string[] => (site ? [path.join(site, file)] : []);
  const places = [
    firstOf(env["R_ENVIRON"], of("Renviron.site")),
    firstOf(env["R_ENVIRON_USER"], own(".Renviron")),
    firstOf(env["R_PROFILE"], of("Rprofile.site")),
    firstOf(env["R_PROFILE_USER"], own(".Rprofile")),
  ].flatMap((place) => place ?? []);
  const files: RecordedFile[] = [];
  for (const place of places) files.push(await recordFile(place, shownFrom(folder, place)));
  return { files, own: places.filter((place) => shownFrom(folder, place) !== place) };
}

/** A variable names the only one that counts. */
function firstOf(named: string | undefined, places: readonly string[]): string | undefined {
  return (named ? [named] : places).find((place) => statOf(place)?.isFile());
}
