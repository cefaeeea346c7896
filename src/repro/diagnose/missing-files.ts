/** Files that a step looks for outside of the project's folder, and does not find from a copy of it: nobody declares them. */
import { existsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Call } from "../trace/trace-line.ts";
import type { StepTrace } from "../trace/read-trace.ts";
import { causes } from "../cause.ts";
import type { Finding } from "./diagnosis.ts";

export interface Places {
  /** The project's own folder, or wherever it lies or has lain. */
  readonly projects: readonly string[];
  /** Where the traced steps worked. */
  readonly copy: string;
  /** Holds the copy, and all that was made for it. */
  readonly scratch: string;
  /** The step fails: what it does not find is why. */
  readonly fails: boolean;
  /** What is nowhere to be found counts too: the run is known to have given something else. */
  readonly maybeGone: boolean;
}

/** The first of each step. */
export function missingFiles(traces: readonly StepTrace[], places: Places): readonly Finding[] {
  return traces.flatMap((trace) => missingIn(trace, places).slice(0, 1));
}

function missingIn({ step, language, calls }: StepTrace, places: Places): readonly Finding[] {
  return calls.flatMap((call): readonly Finding[] => {
    const missed = missedBy(call, places);
    if (!missed) return [];
    const cause = "undeclared-file";
    const { file, line } = call;
    return [
      {
        cause,
        step,
        place: line === null ? undefined : { file, line },
        others: [],
        what: missed.name,
        outputs: [],
        confidence: missed.isThere && places.fails ? "high" : "guess",
        reason: missed.isThere
          ? "it lies outside of the project's folder, and is not there for a copy of the project"
          : "the code looks for it outside of the project's folder, where it is not now, and may have been when the run was recorded",
        mend: causes[cause].mend[language === "r" ? "r" : "node"],
      },
    ];
  });
}

interface Missed {
  readonly name: string;
  /** For the project, though not for a copy of it. */
  readonly isThere: boolean;
}

function missedBy({ about, detail, line }: Call, places: Places): Missed | undefined {
  const { projects, copy, scratch, fails, maybeGone } = places;
  if ((about !== "read" && about !== "look") || detail === null || existsSync(detail))
    return undefined;
  const name = path.relative(copy, detail);
  if (!name.startsWith("..")) return undefined;
  const isBeside = isBelow(detail, scratch);
  if (!fails && line === null) return undefined;
  if (isBeside && projects.some((project) => isFile(path.resolve(project, name))))
    return { name, isThere: true };
  const isTemporary = !isBeside && isBelow(detail, tmpdir());
  if (!maybeGone || isTemporary) return undefined;
  return { name: isBeside ? name : detail, isThere: false };
}

function isFile(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isBelow(file: string, folder: string): boolean {
  return !path.relative(folder, file).startsWith("..");
}
