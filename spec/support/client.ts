/** Clients for one test, closed at its end, and the failures that they tell of. */
import { inspect } from "node:util";
import { expect, onTestFinished } from "vitest";
import { openClient } from "../../src/tracking/client.ts";
import type { Environment } from "../../src/tracking/client-settings.ts";
import type { Tracking, TrackingError } from "../../src/tracking/tracking.ts";
import { recordWaits } from "./surroundings.ts";

/** So short that a server that hangs costs a test little; the whole time is that of a clock that sleeping moves. */
export const shortWait = { MLFLOW_HTTP_REQUEST_TIMEOUT: "0.3", MLPIPE_TRACKING_TIMEOUT: "60" };

/** A client that sleeps no real time, and what it would have slept. */
export async function connectWithin(
  uri: string,
  env: Environment,
  random = 0.5,
): Promise<{ readonly tracking: Tracking; readonly waits: readonly number[] }> {
  const { surroundings, waits } = recordWaits(random);
  const tracking = await openClient(uri, env, surroundings);
  onTestFinished(() => tracking.close());
  return { tracking, waits };
}

/** The TrackingError that the promise rejects with, which has to be one line of cause and one of help. */
export async function failureOf(promise: Promise<unknown>): Promise<TrackingError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) throw new Error(`it succeeded with ${inspect(outcome.value)}`);
  expect(outcome.error).toMatchObject({ name: "TrackingError" });
  const error = outcome.error as TrackingError;
  expect(`${error.message}${error.fix}`).not.toMatch(/[\r\n]/);
  return error;
}
