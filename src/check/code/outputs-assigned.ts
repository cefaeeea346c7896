/** E0702: outputs that the code never gives a value, as far as that can be seen. In doubt nothing is said. */
import { suggest } from "../../source/suggest.ts";
import type { Place } from "../../source/text.ts";
import { type CheckContext, say } from "../context.ts";
import type { RunDraft } from "../draft.ts";
import type { Outputs } from "../step-parts.ts";
import type { Reading } from "./reading.ts";
import { mentions } from "./reading.ts";
import type { StepView } from "./step-view.ts";

interface Output {
  readonly kind: "metric" | "artifact" | "model";
  readonly key: string;
  readonly variable: string;
  readonly path: string | undefined;
  readonly place: Place;
}

/** Each step's own outputs are held to its code, those that the run declares beside its steps to the code of all. */
export function checkOutputsAssigned(
  context: CheckContext,
  { shared, scope }: RunDraft,
  views: readonly StepView[],
): void {
  if (!scope.complete) return;
  for (const view of views) checkOutputs(context, view.step.parts, [view], view.step.name);
  checkOutputs(context, shared, views, scope.node.name.text);
}

function checkOutputs(
  context: CheckContext,
  outputs: Outputs,
  views: readonly StepView[],
  where: string,
): void {
  const readings = views.flatMap(({ reading }) => reading ?? []);
  if (readings.length < views.length || readings.some(logsComputed)) return;
  const declared = declaredOutputs(outputs);
  const missing = declared.filter((it) => !readings.some((reading) => gives(reading, it)));
  if (missing.length === 0) return;
  const free = freeNames(views, declared);
  for (const output of missing) sayNeverAssigned(context, { output, views, where, free });
}

function declaredOutputs({ metrics, artifacts, models }: Outputs): readonly Output[] {
  const ofMetrics = metrics.flatMap(({ key, variable, call, place }) =>
    variable === undefined || call
      ? []
      : [{ kind: "metric", key, variable, path: undefined, place } as const],
  );
  const stored = [
    ...artifacts.map((it) => ({ ...it, kind: "artifact" }) as const),
    ...models.map((it) => ({ ...it, kind: "model" }) as const),
  ].flatMap(({ kind, key, variable, path, place }) =>
    variable === undefined ? [] : [{ kind, key, variable, path, place }],
  );
  return [...ofMetrics, ...stored];
}

/** Whether the code logs something whose name it computes, or makes variables that cannot be seen. */
function logsComputed({ computed, calls }: Reading): boolean {
  const logs = /(?:^|[.$])(?:mlflow_)?(?:log[._]?)(?:metric|artifact|model|batch)s?$/iu;
  return computed || calls.some((call) => call.computed && logs.test(call.name));
}

/** By a variable, or by a text that names its key or the file at its path. */
function gives(reading: Reading, { variable, key, path }: Output): boolean {
  if (reading.assigned.has(variable) || mentions(reading, key)) return true;
  const file = path?.split("/").at(-1);
  return file !== undefined && reading.texts.some(({ value }) => value.includes(file));
}

/** Names that the code assigns and nothing else declares: one of them may be meant. */
function freeNames(views: readonly StepView[], declared: readonly Output[]): ReadonlySet<string> {
  const taken = new Set(declared.map(({ variable }) => variable));
  const assigned = views.flatMap(({ reading }) => [...(reading?.assigned.keys() ?? [])]);
  return new Set(
    assigned.filter((name) => !taken.has(name) && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)),
  );
}

function sayNeverAssigned(
  context: CheckContext,
  about: {
    readonly output: Output;
    readonly views: readonly StepView[];
    readonly where: string;
    readonly free: ReadonlySet<string>;
  },
): void {
  const { output, where, views, free } = about;
  const { kind, variable: name, place } = output;
  const suggestion = suggest(name, free);
  const related = views.flatMap(({ reading, placeAt }) => {
    const start = suggestion === undefined ? undefined : reading?.assigned.get(suggestion);
    if (start === undefined || suggestion === undefined) return [];
    const at = placeAt({ start, end: start + suggestion.length });
    return [{ place: at, note: `\`${suggestion}\` is assigned here` }];
  });
  const edits = suggestion === undefined ? [] : [{ place, replacement: suggestion }];
  say(context, "E0702", place, { kind, name, where, suggestion }, { related, edits });
}
