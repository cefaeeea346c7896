/** What mlpipe says about a user's text: a value, never an exception. */
import type { Place } from "./text.ts";

export type Severity = "error" | "warning";

/** A machine-applicable change: replace the text at `place`. */
export interface Edit {
  readonly place: Place;
  readonly replacement: string;
}

/** A second place that explains the first ("first declared here"). */
export interface Related {
  readonly place: Place;
  readonly note: string;
}

/** One finding. `message` names the cause on one line; `fix` says what to do, or is empty where the message says it. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fix: string;
  readonly place: Place;
  readonly related: readonly Related[];
  /** The ✎ fix; empty where there is no mechanical one. Applying all of them mends this finding. */
  readonly edits: readonly Edit[];
}
