/** The table of everything mlpipe can say about a file or a run, and the one way to say it. */
import type { Diagnostic, Edit, Related } from "./diagnostic.ts";
import type { Message } from "./message.ts";
import { cachingMessages } from "./messages/caching.ts";
import { goalsMessages } from "./messages/goals.ts";
import { namesMessages } from "./messages/names.ts";
import { manyRunsMessages } from "./messages/many-runs.ts";
import { projectMessages } from "./messages/project.ts";
import { runnerMessages } from "./messages/runner.ts";
import { runningMessages } from "./messages/running.ts";
import { stepsMessages } from "./messages/steps.ts";
import { syntaxMessages } from "./messages/syntax.ts";
import { trackingMessages } from "./messages/tracking.ts";
import { valuesMessages } from "./messages/values.ts";
import { warningsMessages } from "./messages/warnings.ts";
import type { Place } from "./text.ts";

export const messages = {
  ...syntaxMessages,
  ...namesMessages,
  ...valuesMessages,
  ...stepsMessages,
  ...trackingMessages,
  ...goalsMessages,
  ...warningsMessages,
  ...projectMessages,
  ...runnerMessages,
  ...runningMessages,
  ...cachingMessages,
  ...manyRunsMessages,
} as const;

export type Code = keyof typeof messages;
export type ParametersOf<C extends Code> =
  (typeof messages)[C] extends Message<infer P> ? P : never;

/** Words a message; the compiler holds `parameters` to what the entry of `code` needs. */
export function diagnose<C extends Code>(
  code: C,
  place: Place,
  parameters: ParametersOf<C>,
  more: { readonly related?: readonly Related[]; readonly edits?: readonly Edit[] } = {},
): Diagnostic {
  const entry = messages[code] as unknown as Message<ParametersOf<C>>;
  return {
    code,
    severity: entry.severity,
    message: entry.say(parameters),
    fix: entry.fix(parameters),
    place,
    related: more.related ?? [],
    edits: more.edits ?? [],
  };
}
