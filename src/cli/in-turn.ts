/** Steps that run at once are shown one after the other: what they print is never mixed. */
import type { Listener, RunEvent } from "../run/event.ts";

/**
 * Passes on the events of one step at a time, as they come; those of steps beside it wait until it has ended, the step that
 * began first comes next. Events of no step are passed on at once. The run's end comes after all that was held back, right
 * behind the steps that were left out, for when each of them was known to be is chance.
 */
export function inTurn(listener: Listener): Listener {
  const leftOut: RunEvent[] = [];
  const held = new Map<string, RunEvent[]>();
  let shown: string | undefined;
  const pass = (step: string, event: RunEvent): void => {
    listener(event);
    if (event.kind === "step-ended" || event.kind === "step-cached") shown = undefined;
    // What it gave is told after its end too, and holds up nobody.
    else if (event.kind !== "artifact" && event.kind !== "model") shown = step;
  };
  const keep = (step: string, event: RunEvent): void => {
    const events = held.get(step);
    if (events) events.push(event);
    else held.set(step, [event]);
  };
  const showNext = (): void => {
    while (shown === undefined && held.size > 0) {
      const [step = "", events = []] = held.entries().next().value ?? [];
      held.delete(step);
      for (const event of events) pass(step, event);
    }
  };
  return (event) => {
    if (event.kind === "step-cancelled") return void leftOut.push(event);
    if (event.kind === "run-ended") {
      for (const [step, events] of held) events.forEach((each) => pass(step, each));
      held.clear();
      shown = undefined;
      leftOut.splice(0).forEach(listener);
      return listener(event);
    }
    const step = "step" in event && event.kind !== "step-kept" ? event.step : undefined;
    if (step === undefined) return listener(event);
    if (shown === undefined || shown === step) pass(step, event);
    else keep(step, event);
    showNext();
  };
}
