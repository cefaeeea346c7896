/** Files that a step finds from the project's own folder, and not from a copy of it: they lie outside, and nobody declares them. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { StepTrace } from "../trace/read-trace.ts";
import { causes } from "../cause.ts";
import type { Finding } from "./diagnosis.ts";

interface Places {
  /** The project's own folder. */
  readonly project: string;
  /** Where the traced steps worked. */
  readonly copy: string;
}

/** What the failure of a step comes from, where it is a file of that kind. */
export function missingFiles(traces: readonly StepTrace[], places: Places): readonly Finding[] {
  return traces.flatMap((trace) => missingIn(trace, places).slice(0, 1));
}

function missingIn(
  { step, language, calls }: StepTrace,
  { project, copy }: Places,
): readonly Finding[] {
  return calls.flatMap(({ about, detail, file, line }): readonly Finding[] => {
    if ((about !== "read" && about !== "look") || detail === null) return [];
    const name = path.relative(copy, detail);
    const isOutside = name.startsWith("..") && !existsSync(detail);
    if (!isOutside || !existsSync(path.resolve(project, name))) return [];
    const cause = "undeclared-file";
    return [
      {
        cause,
        step,
        place: line === null ? undefined : { file, line },
        others: [],
        what: name,
        outputs: [],
        confidence: "high",
        reason:
          "it lies outside of the project's folder, and is not there for a copy of the project",
        mend: causes[cause].mend[language === "r" ? "r" : "node"],
      },
    ];
  });
}
