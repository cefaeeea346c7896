/**
 * The contract between a traced step and whoever reads its trace: `trace.ndjson` beside `step.json`, one JSON object a line,
 * appended as things happen, also by forked processes. A last line that is torn says nothing.
 */

/** What a call depends on, or does. */
export type Matter =
  | "random"
  /** The code seeds the generator; the detail `NULL`: from the clock. */
  | "seed"
  | "rng-kind"
  | "clock"
  | "timezone"
  | "locale"
  | "order"
  | "host"
  | "environment"
  | "option"
  | "cpu-count"
  | "parallel"
  | "scheduling"
  | "blas"
  | "memory-order"
  /** Another program is started. */
  | "process"
  /** The command line. */
  | "arguments"
  /** A param by its name, as `mlflow_param()` asks. */
  | "param"
  | "read"
  | "write"
  /** Whether a file is there, or its size and date. */
  | "look";

/** A place in the user's code, below the project's folder. Null: not known. */
export interface Place {
  readonly file: string;
  readonly line: number | null;
  /** R does not know it. */
  readonly column: number | null;
}

export interface Call extends Place {
  readonly about: Matter;
  /** `Sys.time`, `fs.readFileSync`. */
  readonly name: string;
  /** What is asked for: the name of a variable, an absolute path. */
  readonly detail: string | null;
  /** What the user's own line calls, where that is another function: `lm`, or the name of a package of Node. */
  readonly via: string | null;
  /** Index of the expression during which it was called. */
  readonly expression: number;
  /** By a process that R has forked. */
  readonly forked: boolean;
  /** Of a function without a detail, an estimate from samples above 64 in an expression. */
  readonly count: number;
}

/** A top-level expression that was executed: what was not as before when it had ended. */
export interface Expression {
  /** From 1, in the order of execution, modules of Node among them. */
  readonly index: number;
  readonly file: string;
  readonly line: number;
  /** Its last line. */
  readonly end: number;
  /** Name of a variable → digest of its value. */
  readonly changed: Readonly<Record<string, string>>;
  readonly removed: readonly string[];
  /** What happened to R's generator of random numbers. */
  readonly random: readonly ("created" | "drawn" | "seeded" | "kind" | "removed")[];
  /** Digest of the generator's state; null where it is as before. */
  readonly state: string | null;
}

export type TraceLine =
  /** `files`: start-up files that were read. */
  | { readonly kind: "start"; readonly runtime: string; readonly files: readonly string[] }
  /** A variable that the step is given is read for the first time. */
  | { readonly kind: "read"; readonly name: string }
  | ({ readonly kind: "call" } & Call)
  | ({ readonly kind: "expression" } & Expression)
  /** The code has come to its end. */
  | { readonly kind: "end" };

/** The whole lines of a trace; what a process has left torn is passed over. */
export function parseTraceLines(text: string): readonly TraceLine[] {
  return text.split("\n").flatMap((line) => {
    const parsed = parseLine(line);
    return parsed ? [parsed] : [];
  });
}

const kinds: ReadonlySet<unknown> = new Set(["start", "read", "call", "expression", "end"]);

function parseLine(line: string): TraceLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isLine = typeof value === "object" && value !== null && "kind" in value;
    return isLine && kinds.has(value.kind) ? (value as TraceLine) : undefined;
  } catch {
    return undefined;
  }
}
