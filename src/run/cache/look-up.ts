/** Asks the cache for a step: an earlier execution that still holds, or why it has to run. */
import type { StepAction } from "../../plan/plan.ts";
import { areEqual, keyOf } from "./component.ts";
import type { Digest } from "./digest.ts";
import { type Known, type KnownPlaces, knownOf } from "./known.ts";
import { type Cause, type StepName, type StepRecord, causeOf, lastRecord } from "./record.ts";
import { type Stored, findEntries } from "./store.ts";
import { expectedBy, look } from "./watch.ts";

export interface Question {
  readonly name: StepName;
  readonly step: StepAction;
  /** What each input holds, see `digestOfInput`; what is not known is left out. */
  readonly inputs: ReadonlyMap<string, string>;
  /** What the run is called. */
  readonly runName: string;
  /** Why the step that gives this input ran, where it did in the same run. */
  readonly causeOfInput: (
    variable: string,
  ) => { readonly step: string; readonly cause: Cause } | undefined;
}

export interface Answer {
  readonly known: Known;
  readonly key: Digest;
  /** Executions that hold, the one used last first. */
  readonly holding: readonly Stored[];
  /** Entries that were torn, and are gone now. */
  readonly damaged: number;
  readonly last: StepRecord | undefined;
  /** Why it runs if nothing holds. */
  readonly cause: Cause;
}

/** Undefined where the step's code cannot be read. */
export async function lookUp(
  { name, step, inputs, runName, causeOfInput }: Question,
  places: KnownPlaces,
): Promise<Answer | undefined> {
  const known = await knownOf(step, inputs, runName, places);
  if (!known) return undefined;
  const key = keyOf(known.components);
  const surroundings = { folder: places.folder, named: known.named };
  const { entries, damaged } = findEntries(places.root, key);
  const holding: Stored[] = [];
  if (known.uncached === undefined)
    for (const stored of entries) {
      const { found, watch } = stored.entry;
      const now = await look(watch, surroundings);
      if (areEqual(expectedBy(found, watch, now), now)) holding.push(stored);
    }
  const last = lastRecord(places.root, name);
  if (holding.length > 0)
    return { known, key, holding, damaged, last, cause: { kind: "not-kept", uncached: undefined } };
  // What was as near as can be says best what is missing: only what was known after it ran is otherwise.
  const nearest = entries[0]?.entry ?? last;
  const found = nearest ? await look(nearest.watch, surroundings) : [];
  const expected = nearest && {
    components: nearest.components,
    found: expectedBy(nearest.found, nearest.watch, found),
  };
  const cause = causeOf(last, expected, { components: known.components, found }, causeOfInput);
  return { known, key, holding, damaged, last, cause };
}
