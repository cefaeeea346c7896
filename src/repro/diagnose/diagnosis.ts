/** What a diagnosis says: why executions of a run differ, how sure that is, and what was not looked at. */
import type { Failure } from "../../run/event.ts";
import type { Cause } from "../cause.ts";

/**
 * `high`: changing it alone changes the result while all else is held still, and the trace leads to the place.
 * `likely`: one of the two. `guess`: the code only looks so.
 */
export type Confidence = "high" | "likely" | "guess";

export interface Place {
  /** Below the project's folder where it lies there. */
  readonly file: string;
  readonly line: number;
}

export interface Finding {
  readonly cause: Cause;
  readonly step: string;
  /** Undefined: not known. */
  readonly place: Place | undefined;
  /** Further places of the same cause in the step. */
  readonly others: readonly Place[];
  /** The call, the variable or the file that it comes from: `Sys.time()`. Undefined: not known. */
  readonly what: string | undefined;
  /** Keys of the step's outputs that it changes; empty: the step fails, or, of a guess, may give something else. */
  readonly outputs: readonly string[];
  readonly confidence: Confidence;
  /** What speaks for it, a sentence without a full stop. */
  readonly reason: string;
  /** What to do, a sentence without a full stop. */
  readonly mend: string;
}

export interface NotChecked {
  readonly what: string;
  /** One clause. */
  readonly why: string;
}

export interface Diagnosis {
  /** `same`: nothing differed. `explained`: each difference has a finding. `unexplained`: some has none. */
  readonly verdict: "same" | "explained" | "unexplained";
  /** Undefined: the run does well as it stands. Else nothing was looked at. */
  readonly failure: Failure | undefined;
  /** In the order of the steps; the surest first. */
  readonly findings: readonly Finding[];
  /** Steps that differ, and no cause is known of. */
  readonly unexplained: readonly string[];
  /** Executions that were compared with each other in unchanged surroundings, or in such as may not matter. */
  readonly repeats: number;
  /** Changed surroundings in which the results were the same, by their names. */
  readonly harmless: readonly string[];
  readonly notChecked: readonly NotChecked[];
  readonly executions: number;
  readonly milliseconds: number;
}
