/** Where an input comes from, with all that it takes to find the run. */
import type { InputSource, Program } from "../check/program.ts";
import { lowerRanking } from "./lower-comparison.ts";
import type { PlannedInputSource } from "./plan.ts";
import { required } from "./required.ts";

/** `experiment`: instead of those that the runs are logged to. */
export function lowerSource(
  program: Program,
  from: InputSource,
  experiment: string | undefined,
): PlannedInputSource {
  switch (from.kind) {
    case "run":
      return { ...from, experiment: experiment ?? required(program.runs, from.run).experiment };
    case "best":
      return { ...from, ranking: lowerRanking(program, from.of, experiment) };
    case "step":
    case "run-id":
    case "file":
    case "data":
      return from;
    default:
      return from satisfies never;
  }
}
