/**
 * The same random requests to `mlflow server` and to `mlpipe server`: what they answer is the same, but for what is meant.
 * MLPIPE_DIFFERENTIAL_RUNS=5000 and MLPIPE_DIFFERENTIAL_SEED=7 search longer and elsewhere.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { endpoints } from "../src/tracking/endpoints.ts";
import { lieBefore, lies } from "./support/differential/lies.ts";
import { isMeant, meant } from "./support/differential/meant.ts";
import {
  compare,
  describeMismatch,
  exchanges,
  type Pair,
} from "./support/differential/sequence.ts";
import { startOurs, startReal, type RunningServer } from "./support/differential/servers.ts";
import type { Step } from "./support/differential/step.ts";
import { sequence } from "./support/differential/steps.ts";
import { tour, toured } from "./support/differential/tour.ts";
import { mlflowFolder } from "./support/mlflow.ts";

const runs = Number(process.env["MLPIPE_DIFFERENTIAL_RUNS"] ?? 80);
const seed = Number(process.env["MLPIPE_DIFFERENTIAL_SEED"] ?? 3);
const minutes = 60_000;

function agrees(pair: Pair): (steps: readonly Step[]) => Promise<void> {
  return async (steps) => {
    const mismatch = await compare(pair, steps);
    if (mismatch !== undefined) throw new Error(describeMismatch(steps, mismatch));
  };
}

let folder: string;
let ours: RunningServer;
const open: RunningServer[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlpipe-differential-"));
  ours = await startOurs(join(folder, "ours"));
  open.push(ours);
});
afterAll(async () => {
  await Promise.all(open.map(({ stop }) => stop()));
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(mlflowFolder === undefined)("mlpipe's server and MLflow's", () => {
  let pair: Pair;
  beforeAll(async () => {
    const theirs = await startReal(join(folder, "theirs"));
    open.push(theirs);
    pair = { theirs, ours };
  });

  test("do all that a client asks, and answer alike", async () => {
    const all = await exchanges(pair, tour);
    expect(all.filter(({ theirs }) => theirs.status >= 300)).toEqual([]);
    await agrees(pair)(tour);
  });

  test(
    `answer ${runs} random sequences of requests alike (seed ${seed})`,
    { timeout: 5 * minutes + runs * 10_000 },
    async () => {
      await fc.assert(fc.asyncProperty(sequence, agrees(pair)), { seed, numRuns: runs });
    },
  );

  test.each(meant)("differ as it is meant: $what", async ({ example, applies }) => {
    const last = (await exchanges(pair, example)).at(-1);
    if (last === undefined) throw new Error("a difference that is meant has an example");
    expect(applies(last)).toBe(true);
    expect(isMeant(last)).toBe(true);
  });
});

test("the tour visits every endpoint that MLflow still has", () => {
  const missed = Object.keys(endpoints).filter(
    (name) => ![...toured].some((each) => each === name),
  );
  expect(missed).toEqual(["experiments/list", "registered-models/list"]);
});

describe("the comparison", () => {
  let other: RunningServer;
  beforeAll(async () => {
    other = await startOurs(join(folder, "other"));
    open.push(other);
  });

  test("finds no difference where there is none", async () => {
    const pair = { theirs: ours, ours: other };
    await fc.assert(fc.asyncProperty(sequence, agrees(pair)), { seed, numRuns: 20 });
  });

  test("finds none behind a proxy that tells the truth", async () => {
    const honest = await lieBefore(other, { title: "tells the truth", tell: (reply) => reply });
    onTestFinished(honest.stop);
    const pair = { theirs: ours, ours: honest };
    await fc.assert(fc.asyncProperty(sequence, agrees(pair)), { seed, numRuns: 100 });
  });

  test.each(lies)("finds in a few requests a server that $title", async (lie) => {
    const liar = await lieBefore(other, lie);
    const pair = { theirs: ours, ours: liar };
    try {
      const found = await fc.check(fc.asyncProperty(sequence, agrees(pair)), {
        seed,
        numRuns: 400,
      });
      const [steps = []] = found.counterexample ?? [];
      expect(found.failed).toBe(true);
      expect(steps.length).toBeLessThanOrEqual(4);
    } finally {
      await liar.stop();
    }
  });
});
