/** What a replay of a run would lack, while it can still be mended. */
import { counted } from "../../source/figures.ts";
import type { Lack, Manifest, RecordedGit, RecordedInput, RecordedStep } from "./manifest.ts";

/** How many things are looked at. */
export const lookedAt = 6;

type Told = Pick<Manifest, "git" | "steps">;

/** In the order of what matters most; a thing of which nothing is lacking is not named. */
export function lacksOf(told: Told): readonly Lack[] {
  return [code, seeds, inputs, files, packages, start].flatMap((look) => look(told) ?? []);
}

/** `replayable 4/6: commit your changes (2 files), …`; "" where nothing is lacking. */
export function scoreText(lacks: readonly Lack[]): string {
  if (lacks.length === 0) return "";
  return `replayable ${lookedAt - lacks.length}/${lookedAt}: ${lacks.map(wordsOf).join(", ")}`;
}

/** The same as a tag: `4/6: …`, and `6/6` where nothing is lacking. */
export function scoreTag(lacks: readonly Lack[]): string {
  return scoreText(lacks).replace(/^replayable /, "") || `${lookedAt}/${lookedAt}`;
}

function wordsOf({ fix, why }: Lack): string {
  return `${fix} (${why})`;
}

function code({ git }: Told): Lack | undefined {
  const changed = changedHere(git);
  if (changed.length === 0) return undefined;
  const kept = git?.patch ? "" : ", too much to keep as a patch";
  return {
    what: "code",
    why: `${counted(changed.length, "file")}${kept}`,
    fix: "commit your changes",
  };
}

function changedHere(git: RecordedGit | null): readonly string[] {
  const here = git?.folder ? `${git.folder}/` : "";
  return git?.changed.filter((file) => file.startsWith(here)) ?? [];
}

function seeds({ steps }: Told): Lack | undefined {
  const drawn = steps.filter(({ process }) => process?.unseeded);
  if (drawn.length === 0) return undefined;
  const fix = `seed ${stepsText(drawn)}`;
  return { what: "seeds", why: "random numbers were drawn", fix };
}

function inputs({ steps }: Told): Lack | undefined {
  const large = steps.flatMap((step) =>
    step.inputs.filter(
      ({ kept, from, variable }) =>
        variable !== null && !kept && (from === "project" || from === "machine" || from === "run"),
    ),
  );
  if (large.length === 0) return undefined;
  return {
    what: "inputs",
    why: "too large to be copied",
    fix: `keep ${listed(large)} where it is`,
  };
}

/** Files that code names and that are no code themselves: a reader of the file does not see that they matter. */
function files({ steps }: Told): Lack | undefined {
  const undeclared = steps.flatMap((step) =>
    step.inputs.filter((one) => one.variable === null && !one.code && one.from !== "standard"),
  );
  if (undeclared.length === 0) return undefined;
  const fix = `declare ${listed(undeclared)} as an input`;
  return { what: "files", why: "the code reads it by itself", fix };
}

function packages({ steps }: Told): Lack | undefined {
  const loose = steps.flatMap(({ process }) =>
    (process?.packages ?? []).filter(({ own, pinned }) => !own && !pinned),
  );
  if (loose.length === 0) return undefined;
  const names = [...new Set(loose.map(({ name }) => name))];
  return { what: "packages", why: "no lock file names its version", fix: `pin ${few(names)}` };
}

function start({ steps }: Told): Lack | undefined {
  const own = steps.flatMap((step) =>
    step.startFiles.filter(({ path }) => /^\/.*\/\.(?:Rprofile|Renviron)$/.test(path)),
  );
  if (own.length === 0) return undefined;
  const names = [...new Set(own.map(({ path }) => path))];
  return { what: "start", why: `R has read ${few(names)}`, fix: "let the run be `reproducible`" };
}

function stepsText(steps: readonly RecordedStep[]): string {
  return `${steps.length === 1 ? "step" : "steps"} ${few(steps.map(({ name }) => name))}`;
}

function listed(found: readonly RecordedInput[]): string {
  return few([...new Set(found.map(({ path }) => path))]);
}

/** The first ones by their names. */
function few(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(" and ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
