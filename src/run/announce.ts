/** A step is announced before anything else is told of it, even where its runtime's version is known a moment later. */
import type { Listener, RunEvent } from "./event.ts";

type Started = Extract<RunEvent, { kind: "step-started" }>;

export interface Announcement {
  /** Passes on what is told of the step; holds it back until the step is announced. */
  readonly hear: Listener;
  /** Passes on `started`, then what was held back; only the first call does. */
  readonly announce: (started: Started) => void;
}

export function openAnnouncement(listener: Listener): Announcement {
  const held: RunEvent[] = [];
  let announced = false;
  return {
    hear: (event) => (announced ? listener(event) : void held.push(event)),
    announce(started) {
      if (announced) return;
      announced = true;
      for (const event of [started, ...held.splice(0)]) listener(event);
    },
  };
}
