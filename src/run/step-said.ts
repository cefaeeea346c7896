/** What a step says by its events while it runs: passed on as they come, and kept as far as the verdict needs it. */
import type { StepAction } from "../plan/plan.ts";
import { suggest } from "../source/suggest.ts";
import type { Failure, Listener } from "./event.ts";
import { failure } from "./failure.ts";
import { redact } from "./output-redact.ts";
import type { StepEvent } from "./protocol.ts";
import { parseStepEvent } from "./step-event.ts";
import { tailLines } from "./tail.ts";

type Finding = Extract<StepEvent, { kind: "warning" | "error" }>;

/** The sum of a step's events. */
export interface Said {
  /** The first error that the step itself told, though a library may have caught it. */
  readonly error: Failure | undefined;
  /** What is wrong with the events file itself. */
  readonly damage: Failure | undefined;
  readonly start: Extract<StepEvent, { kind: "start" }> | undefined;
  readonly end: Extract<StepEvent, { kind: "end" }> | undefined;
  /** Errors with the calls that led there, for the log. */
  readonly notes: readonly string[];
}

export interface Hearing {
  readonly listener: Listener;
  /** Receives each event, secrets taken out, and the byte offset behind it in the file. Must not throw. */
  readonly onEvent: (event: StepEvent, offset: number) => void;
  readonly secrets: readonly string[];
}

/** Reads events until `ended` settles and the file is read to its end. A torn last line says nothing. */
export async function hearStep(
  step: StepAction,
  events: string,
  { listener, onEvent, secrets }: Hearing,
  ended: Promise<unknown>,
): Promise<Said> {
  const said: { -readonly [K in keyof Said]: Said[K] } = {
    error: undefined,
    damage: undefined,
    start: undefined,
    end: undefined,
    notes: [],
  };
  const warnOnce = undeclaredWarner(step, listener);
  let line = 0;
  for await (const { text, end } of tailLines(events, 0, ended)) {
    line++;
    const event = parseStepEvent(text);
    if ("problem" in event) said.damage ??= failure("R0828", { line, problem: event.problem });
    else {
      const clean = withoutSecrets(event, secrets);
      keep(said, clean);
      tell(clean, step, listener, warnOnce);
      onEvent(clean, end);
    }
  }
  return said;
}

function keep(said: { -readonly [K in keyof Said]: Said[K] }, event: StepEvent): void {
  if (event.kind === "start") said.start = event;
  if (event.kind === "end") said.end = event;
  if (event.kind === "swallowed") said.error ??= failureOfSwallowed(event);
  if (event.kind !== "error") return;
  said.error ??= failureOfFinding(event);
  said.notes = [...said.notes, noteOf(event)];
}

function tell(
  event: StepEvent,
  step: StepAction,
  listener: Listener,
  warnOnce: (key: string) => void,
): void {
  if (event.kind === "metric" || event.kind === "metrics") warnOnce(event.key);
  if (event.kind === "warning")
    listener({ kind: "warning", step: step.name, failure: failureOfFinding(event) });
}

/** Warns of each metric that the step does not declare, the first time it comes. */
function undeclaredWarner(step: StepAction, listener: Listener): (key: string) => void {
  const declared = step.metrics.map((metric) => metric.key);
  const known = new Set(declared);
  return (key) => {
    if (known.has(key)) return;
    known.add(key);
    const warning = failure("R0803", { key, nearest: suggest(key, declared) });
    listener({ kind: "warning", step: step.name, failure: warning });
  };
}

function failureOfFinding({ code, message, fix, file, line, column }: Finding): Failure {
  const place = [file, line, column].filter((part) => part !== null).join(":");
  return { code, message, fix, place };
}

/** An error that the code itself has not caught, but {mlflow} has. */
export function failureOfSwallowed(event: Extract<StepEvent, { kind: "swallowed" }>): Failure {
  const place = [event.file, event.line].filter((part) => part !== null).join(":");
  return failure("R0813", { problem: event.message }, place);
}

function noteOf(finding: Finding): string {
  const { place, code, message } = failureOfFinding(finding);
  const calls = finding.trace.map((call) => `\n    ${call}`).join("");
  return `\n${place}: ${code} ${message}${calls}\n`;
}

/** Texts of the step's own may hold what it must not tell. */
export function withoutSecrets(event: StepEvent, secrets: readonly string[]): StepEvent {
  if (secrets.length === 0) return event;
  const clean = (text: string): string => redact(text, secrets);
  switch (event.kind) {
    case "tag":
      return { ...event, key: clean(event.key), value: clean(event.value) };
    case "warning":
    case "error": {
      const { message, fix, trace } = event;
      return { ...event, message: clean(message), fix: clean(fix), trace: trace.map(clean) };
    }
    case "swallowed":
      return { ...event, message: clean(event.message) };
    default:
      return event;
  }
}
