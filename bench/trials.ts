/** Sweeps: what a trial costs beyond its step, the memory of many, and how the cost grows with their number. */
import path from "node:path";
import { openTracking } from "../src/tracking/open.ts";
import { type Bed, openBed } from "./bed.ts";
import type { Figure } from "./figure.ts";
import { byXargs } from "./many-peers.ts";
import { timeOnce } from "./measure.ts";
import { runForPeak } from "./processes.ts";

const sweep = "all";
const file = "sweep.mlpipe";

export async function* measureTrials(): AsyncGenerator<Figure> {
  const bed = openBed();
  try {
    yield* measureSweeps(bed);
    yield* measurePlans(bed);
    yield* await measureKnown(bed);
  } finally {
    bed.close();
  }
}

function writeSweep(bed: Bed, trials: number): string {
  return bed.write(
    file,
    `mlpipe 1

experiment "bench"

run it {
  param a: int = 1 in 1..1000000
  metric m minimize

  \`\`\`js
  const m = a;
  \`\`\`
}

sweep ${sweep} of it {
  grid
  vary a in 1..${trials}
  best by m
}
`,
  );
}

function* measureSweeps(bed: Bed): Generator<Figure> {
  const step = bed.write("step.mjs", "const m = 1;\n");
  const bare = (trials: number): number =>
    timeOnce(
      byXargs(
        bed,
        Array.from({ length: trials }, () => step),
      ),
    );
  const peaks: number[] = [];
  for (const trials of [200, 1000]) {
    const theirs = bare(trials);
    bed.forget();
    writeSweep(bed, trials);
    const { milliseconds, megabytes } = runForPeak(bed, "run", file, sweep, "-j", "2");
    peaks.push(megabytes);
    yield {
      what: `a sweep of ${named(trials)} trivial Node trials at -j 2, over xargs`,
      figure: `${((milliseconds - theirs) / trials).toFixed(1)} ms a trial (${seconds(milliseconds)} / ${seconds(theirs)})`,
      aim: "",
    };
  }
  const figure = peaks.map((peak) => peak.toFixed(0)).join(" / ");
  yield { what: "its peak memory at 200 / 1,000 trials", figure: `${figure} MB`, aim: "<= 150 MB" };
}

function* measurePlans(bed: Bed): Generator<Figure> {
  const times = [100, 10_000, 100_000].map((trials) => {
    const plan = bed.mlpipe("plan", writeSweep(bed, trials), sweep);
    return Math.min(timeOnce(plan), timeOnce(plan));
  });
  yield {
    what: "plan of a sweep of 100 / 10,000 / 100,000 trials",
    figure: times.map(seconds).join(" / "),
    aim: "<= 5 s for 100,000",
  };
}

/** The same command again after every trial has finished: what is asked of the tracker and told, without any step. */
async function measureKnown(bed: Bed): Promise<readonly Figure[]> {
  bed.forget();
  writeSweep(bed, 1);
  timeOnce(bed.mlpipe("run", file, sweep));
  const times: number[] = [];
  for (const [from, to] of [
    [2, 100],
    [101, 1000],
    [1001, 10_000],
  ] as const) {
    await addTrials(bed, from, to);
    const again = bed.mlpipe("run", writeSweep(bed, to), sweep);
    times.push(Math.min(timeOnce(again), timeOnce(again)));
  }
  const [small = 0, middle = 0, large = 0] = times;
  const growth = (large - small) / 9900 / ((middle - small) / 900);
  return [
    {
      what: "a sweep again, its 100 / 1,000 / 10,000 trials known",
      figure: times.map(seconds).join(" / "),
      aim: "",
    },
    {
      what: "one known trial more: up to 10,000 / up to 1,000",
      figure: `${growth.toFixed(2)}x`,
      aim: "<= 1.5x (linear)",
    },
  ];
}

/** Runs as the first trial's, finished, for the values `from` to `to` of `a`. */
async function addTrials({ folder }: Bed, from: number, to: number): Promise<void> {
  const tracking = await openTracking(`sqlite:///${path.join(folder, "mlflow.db")}`, { folder });
  const { experiments = [] } = await tracking.call("experiments/search", { max_results: 100 });
  const { runs = [] } = await tracking.call("runs/search", {
    experiment_ids: experiments.map(({ experiment_id }) => experiment_id),
    filter: `tags.\`mlpipe.trial\` = '{"a":"1"}'`,
    max_results: 1,
  });
  const [first] = runs;
  if (!first) throw new Error("the first trial is not found");
  const { experiment_id, start_time } = first.info;
  const add = async (value: number): Promise<void> => {
    const tags = (first.data.tags ?? []).map(({ key, value: old }) =>
      key === "mlpipe.trial"
        ? { key, value: JSON.stringify({ a: String(value) }) }
        : { key, value: old },
    );
    const { run } = await tracking.call("runs/create", {
      experiment_id,
      start_time: start_time + value,
      tags,
    });
    const { run_id } = run.info;
    await tracking.call("runs/log-batch", {
      run_id,
      params: [{ key: "a", value: String(value) }],
      metrics: [{ key: "m", value, timestamp: start_time, step: 0 }],
    });
    await tracking.call("runs/update", {
      run_id,
      status: "FINISHED",
      end_time: start_time + value,
    });
  };
  for (let at = from; at <= to; at += 200)
    await Promise.all(
      Array.from({ length: Math.min(200, to - at + 1) }, (_, more) => add(at + more)),
    );
  await tracking.close();
}

function named(trials: number): string {
  return trials.toLocaleString("en");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
