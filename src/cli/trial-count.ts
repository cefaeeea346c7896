/** How far a sweep is: counted while it goes on, and told in a few words. */
import type { RunEvent } from "../run/event.ts";
import { durationText } from "../source/figures.ts";

export interface TrialCount {
  total: number;
  /** Those of earlier attempts too. */
  ended: number;
  failed: number;
  /** Ended by this attempt. */
  performed: number;
  /** When it began. */
  began: number;
}

export function newTrialCount(total: number, now: number): TrialCount {
  return { total, ended: 0, failed: 0, performed: 0, began: now };
}

export function countTrial(count: TrialCount, event: RunEvent, now: number): void {
  if (event.kind === "sweep-started") {
    count.ended = event.known;
    count.began = now;
  } else if (event.kind === "trial-kept" && event.status === "FAILED") count.failed++;
  else if (event.kind === "trial-ended") {
    count.ended++;
    count.performed++;
    if (event.outcome.status !== "FINISHED") count.failed++;
  }
}

/** So many trials must have ended before the rest is guessed. */
const enough = 3;

/** `12 of 30`, `2 failed`, `4.1 s`, `about 6.2 s left`: one text each, empty where there is nothing to say. */
export function describeCount(
  { total, ended, failed, performed, began }: TrialCount,
  now: number,
): Readonly<Record<"done" | "failed" | "took" | "left", string>> {
  const took = now - began;
  const isGuessed = performed >= enough && ended < total;
  const left = isGuessed ? (took / performed) * (total - ended) : 0;
  return {
    done: `${ended} of ${total}`,
    failed: failed > 0 ? `${failed} failed` : "",
    took: durationText(Math.round(took)),
    left: isGuessed ? `about ${durationText(Math.round(left))} left` : "",
  };
}
