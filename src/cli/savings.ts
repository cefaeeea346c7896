/** What the cache has saved in a run, or in the runs of a sweep, told at its end. */
import type { Listener, RunEvent } from "../run/event.ts";
import { counted } from "../source/figures.ts";
import { seconds } from "./describe-event.ts";

export interface Savings {
  readonly hear: Listener;
  /** `  2 steps from the cache, 3.4 s saved`; empty where it had none. */
  readonly text: () => string;
}

export function countSavings(): Savings {
  let steps = 0;
  let milliseconds = 0;
  const hear = (event: RunEvent): void => {
    if (event.kind === "trial-event") return hear(event.event);
    if (event.kind !== "step-cached") return;
    steps++;
    milliseconds += event.savedMilliseconds;
  };
  const text = (): string =>
    steps === 0 ? "" : `  ${counted(steps, "step")} from the cache, ${seconds(milliseconds)} saved`;
  return { hear, text };
}
