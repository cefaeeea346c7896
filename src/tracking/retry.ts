/** Tries again what may succeed next time: waits double, a random part keeps clients apart, and the whole is bounded. */
import type { TrackingError } from "./tracking.ts";

/** What the client takes from its surroundings; tests bring their own. */
export interface Surroundings {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Evenly spread over [0, 1). */
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly newId: () => string;
}

export interface Patience {
  /** Attempts after the first. */
  readonly retries: number;
  /** From the first attempt until the failure is reported; a transfer starts anew with every byte that passes. */
  readonly totalMs: number;
}

/**
 * How an attempt ended without a result, by what it may have done on the server.
 * `untouched`: certainly nothing. `settled`: possibly something, but the server has finished with it, so that a look tells.
 * `pending`: the server may yet do it, at any time.
 */
export type Effect = "untouched" | "settled" | "pending";

export interface Failure {
  readonly error: TrackingError;
  /** Undefined: the answer is final, whoever asks again gets the same. */
  readonly retry: { readonly effect: Effect; readonly afterMs?: number | undefined } | undefined;
}
export type Attempt<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly failure: Failure };

/** Time that is left for a call. */
export interface Budget {
  readonly leftMs: () => number;
  /** Something has moved: the full time is there again. */
  readonly renew: () => void;
}

const firstWaitMs = 500;
const longestWaitMs = 8_000;

/** Resolves to the first result; rejects with the last failure's error once patience has run out, or at once if it is final. */
export async function retry<T>(
  patience: Patience,
  surroundings: Surroundings,
  attempt: (budget: Budget, before: readonly Failure[]) => Promise<Attempt<T>>,
): Promise<T> {
  const budget = startBudget(patience.totalMs, surroundings);
  const before: Failure[] = [];
  for (;;) {
    const outcome = await attempt(budget, before);
    if (outcome.kind === "done") return outcome.value;
    before.push(outcome.failure);
    const wait = waitMs(outcome.failure, before.length, patience, surroundings);
    if (wait === undefined || wait >= budget.leftMs()) throw outcome.failure.error;
    await surroundings.sleep(wait);
  }
}

function startBudget(totalMs: number, { now }: Surroundings): Budget {
  let end = now() + totalMs;
  return {
    leftMs: () => end - now(),
    renew: () => {
      end = now() + totalMs;
    },
  };
}

/** Undefined: no further attempt. A wait that the server asked for is kept, never shortened. */
function waitMs(
  failure: Failure,
  failures: number,
  patience: Patience,
  surroundings: Surroundings,
): number | undefined {
  if (failure.retry === undefined || failures > patience.retries) return undefined;
  const doubled = Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs);
  const spread = doubled * (0.5 + surroundings.random() / 2);
  return Math.max(spread, failure.retry.afterMs ?? 0);
}
