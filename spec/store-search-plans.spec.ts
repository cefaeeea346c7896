/** Searches of many runs go several ways to the same end: here each against a plain sort in memory. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Tracking } from "../src/tracking/tracking.ts";
import { openIn, temporaryFolder } from "./support/store.ts";

interface Run {
  readonly id: string;
  readonly experiment: number;
  readonly start: number;
  readonly deleted: boolean;
  /** Undefined where the run has no such metric. */
  readonly loss: number | undefined;
  /** Almost all values are different. */
  readonly score: number;
  readonly team: string;
  readonly rare: string;
}

/** Enough that nothing is small. */
const runs: readonly Run[] = Array.from({ length: 9000 }, (_, at) => {
  const mixed = (at * 7919) % 9001;
  return {
    id: mixed.toString(16).padStart(32, "0"),
    experiment: at % 7 === 0 ? 1 : 0,
    start: 1_700_000_000_000 + (mixed % 4000),
    deleted: at % 11 === 0,
    loss: at % 5 === 0 ? undefined : at % 13 === 0 ? Number.NaN : (mixed % 50) / 10,
    score: mixed / 3,
    team: `team ${mixed % 4}`,
    rare: `v${mixed % 900}`,
  };
});

function fill(folder: string): void {
  const database = new DatabaseSync(join(folder, "mlflow.db"));
  database.exec("PRAGMA synchronous = OFF; BEGIN");
  const run = database.prepare(
    "INSERT INTO runs (run_uuid, name, status, start_time, lifecycle_stage, artifact_uri, experiment_id, user_id) VALUES (?, 'x', 'FINISHED', ?, ?, '', ?, '')",
  );
  const metric = database.prepare(
    "INSERT INTO latest_metrics (run_uuid, key, value, is_nan, timestamp, step) VALUES (?, ?, ?, ?, 0, 0)",
  );
  const tag = database.prepare("INSERT INTO tags (run_uuid, key, value) VALUES (?, ?, ?)");
  for (const { id, experiment, start, deleted, loss, score, team, rare } of runs) {
    run.run(id, start, deleted ? "deleted" : "active", experiment);
    metric.run(id, "score", score, 0);
    if (loss !== undefined)
      metric.run(id, "loss", Number.isNaN(loss) ? 0 : loss, Number.isNaN(loss) ? 1 : 0);
    tag.run(id, "team", team);
    tag.run(id, "rare", rare);
  }
  database.exec("COMMIT");
  database.close();
}

interface Clause {
  readonly text: string;
  readonly holds: (run: Run) => boolean;
}
const clause: fc.Arbitrary<Clause> = fc.oneof(
  fc.integer({ min: -1, max: 50 }).map((limit) => ({
    text: `metrics.loss < ${limit / 10}`,
    holds: ({ loss }: Run) => loss !== undefined && loss < limit / 10,
  })),
  fc.integer({ min: 0, max: 3000 }).map((limit) => ({
    text: `metrics.score >= ${limit}`,
    holds: ({ score }: Run) => score >= limit,
  })),
  fc.constant({
    text: "metrics.loss != 1",
    holds: ({ loss }: Run) => loss !== undefined && loss !== 1,
  }),
  fc.nat({ max: 4 }).map((team) => ({
    text: `tags.team = 'team ${team}'`,
    holds: (run: Run) => run.team === `team ${team}`,
  })),
  fc.nat({ max: 1000 }).map((rare) => ({
    text: `tags.rare = 'v${rare}'`,
    holds: (run: Run) => run.rare === `v${rare}`,
  })),
  fc.constant({ text: "tags.team LIKE '%1'", holds: ({ team }: Run) => team === "team 1" }),
);

type Compare = (a: Run, b: Run) => number;
interface Order {
  readonly text: string;
  readonly compare: Compare;
}
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const lossRank = ({ loss }: Run): number => (loss === undefined ? 2 : Number.isNaN(loss) ? 1 : 0);
const ascending: readonly Order[] = [
  { text: "metrics.score", compare: (a, b) => a.score - b.score },
  { text: "tags.team", compare: (a, b) => byText(a.team, b.team) },
  { text: "attributes.start_time", compare: (a, b) => a.start - b.start },
];
const orders: readonly Order[] = [
  ...ascending,
  ...ascending.map(({ text, compare }) => ({
    text: `${text} DESC`,
    compare: (a: Run, b: Run) => compare(b, a),
  })),
  ...[1, -1].map((sign) => ({
    text: sign === 1 ? "metrics.loss" : "metrics.loss DESC",
    compare: (a: Run, b: Run) =>
      lossRank(a) - lossRank(b) || (lossRank(a) === 0 ? sign * ((a.loss ?? 0) - (b.loss ?? 0)) : 0),
  })),
];

interface Search {
  readonly experiments: readonly number[];
  readonly clauses: readonly Clause[];
  readonly order: readonly Order[];
  readonly size: number;
  readonly offset: number;
}
const search: fc.Arbitrary<Search> = fc.record({
  experiments: fc.constantFrom([0], [1], [0, 1]),
  clauses: fc.array(clause, { maxLength: 2 }),
  order: fc.uniqueArray(fc.constantFrom(...orders), {
    maxLength: 2,
    selector: ({ text }) => text.replace(" DESC", ""),
  }),
  size: fc.constantFrom(1, 20, 100, 400),
  offset: fc.constantFrom(0, 0, 5, 150, 7000),
});

function expected({ experiments, clauses, order, size, offset }: Search): readonly string[] {
  const starts = order.some(({ text }) => text.includes("start_time"));
  const latestFirst: Compare = starts ? () => 0 : (a, b) => b.start - a.start;
  const steps = [...order.map(({ compare }) => compare), latestFirst];
  const compare: Compare = (a, b) =>
    steps.map((step) => step(a, b)).find((sign) => sign !== 0) ?? byText(a.id, b.id);
  return runs
    .filter((run) => experiments.includes(run.experiment) && !run.deleted)
    .filter((run) => clauses.every(({ holds }) => holds(run)))
    .toSorted(compare)
    .slice(offset, offset + size)
    .map(({ id }) => id);
}

async function found(
  tracking: Tracking,
  { experiments, clauses, order, size, offset }: Search,
): Promise<readonly string[]> {
  const answer = await tracking.call("runs/search", {
    experiment_ids: experiments.map(String),
    filter: clauses.map(({ text }) => text).join(" AND "),
    order_by: order.map(({ text }) => text),
    max_results: size,
    ...(offset > 0 && {
      page_token: Buffer.from(JSON.stringify({ offset })).toString("base64"),
    }),
  });
  return (answer.runs ?? []).map(({ info }) => info.run_id);
}

test("a search of thousands of runs finds those that a plain sort finds, in that order", async () => {
  const folder = await temporaryFolder();
  const tracking = await openIn(folder);
  await tracking.call("experiments/create", { name: "other" });
  fill(folder);
  await fc.assert(
    fc.asyncProperty(search, async (asked) => {
      expect(await found(tracking, asked)).toEqual(expected(asked));
    }),
    { numRuns: 300 },
  );
});
