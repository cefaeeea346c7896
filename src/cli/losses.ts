/** A lost server as a warning of the run, though it may be lost before there is anybody to be warned. */
import type { Listener, RunEvent } from "../run/event.ts";
import { failure } from "../run/failure.ts";
import type { Loss } from "../tracking/offline/loss.ts";

export interface Losses {
  readonly tell: (loss: Loss) => void;
  /** The listener itself, after it has heard what was told before. */
  readonly to: (listener: Listener) => Listener;
}

/** As the run's listeners are told. */
export function lossEvent({ isMidRun, error, store }: Loss): RunEvent {
  const told = failure(isMidRun ? "R0856" : "R0855", { why: error.message, store });
  return { kind: "warning", step: undefined, failure: told };
}

/** Keeps what is told until there is a listener. */
export function tellLosses(): Losses {
  const early: RunEvent[] = [];
  let listener: Listener = (event) => void early.push(event);
  return {
    tell: (loss) => listener(lossEvent(loss)),
    to(display) {
      early.splice(0).forEach(display);
      listener = display;
      return display;
    },
  };
}
