/** Which runs a comparison looks at, which of them `where` keeps, and which comes first: here and on a server. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ranking } from "../src/plan/plan.ts";
import { rankRuns } from "../src/run/ranking/rank-runs.ts";
import { openTracking } from "../src/tracking/open.ts";
import type { Tracking } from "../src/tracking/tracking.ts";
import { temporaryFolder } from "./support/mlpipe.ts";
import { type LoggedRun } from "./support/query-runs.ts";
import { checkAgainstModel, prepareRanking, trialOf } from "./support/ranking.ts";
import { type ServerProcess, startServerProcess } from "./support/server-process.ts";

const folder = temporaryFolder();
let server: ServerProcess | undefined;
let trackers: Readonly<Record<"store" | "server", Tracking>>;
beforeAll(async () => {
  server = await startServerProcess(`${folder.path}/served`);
  const store = await openTracking(undefined, { folder: folder.path });
  trackers = { store, server: await openTracking(server.uri) };
});
afterAll(async () => {
  await trackers.store.close();
  await trackers.server.close();
  await server?.end("SIGTERM");
  folder[Symbol.dispose]();
});

/** Ranks the runs as the comparison `all`, or as `name`, says. */
const prepare = (runs: readonly LoggedRun[], items: string, name = "all"): Promise<Ranking> =>
  prepareRanking(trackers.store, folder, { runs, items, name });

const namesOf = (runs: readonly { readonly name: string }[]) => runs.map(({ name }) => name);

describe("ranking", () => {
  test.each([
    ["store", 30],
    ["server", 10],
  ] as const)("on the %s gives what a plain model of the language does", async (name, numRuns) => {
    await checkAgainstModel(trackers[name], folder, numRuns);
  });

  test("leaves to the search what the search understands just so", async () => {
    const where =
      'where recall >= 0.5 and loss > 1e-9 and recall != 1 and cp = 1 and tags.status = "good"';
    const ranking = await prepare([], `runs baseline\n${where}`);
    const filters: string[] = [];
    const call: Tracking["call"] = (endpoint, request) => {
      if ("filter" in request) filters.push(String(request.filter));
      return trackers.store.call(endpoint, request);
    };
    await rankRuns(ranking, { call });
    const always = "tags.`mlpipe.run` = 'baseline' AND attributes.status = 'FINISHED'";
    expect(filters).toEqual([
      `${always} AND metrics.\`recall\` >= 0.5 AND tags.\`status\` = 'good'`,
      always,
    ]);
  });

  test("looks at more runs than fit on a page, and at none twice", async () => {
    const runs = Array.from({ length: 1105 }, (_, at): LoggedRun => ({
      name: `baseline ${at}`,
      second: at % 7,
      tags: { "mlpipe.run": "baseline" },
      metrics: at % 100 === 3 ? { recall: [at] } : {},
    }));
    const items = "runs baseline\nbest by recall";
    const ranking = await prepareRanking(trackers.server, folder, { runs, items });
    const ranked = await rankRuns(ranking, trackers.server);
    expect(new Set(namesOf(ranked.runs)).size).toBe(1105);
    expect(ranked.runs).toHaveLength(1105);
    expect(ranked.verdict?.winner.name).toBe("baseline 1103");
  });
});

describe.concurrent("a comparison", () => {
  const rank = async (runs: readonly LoggedRun[], items: string, name?: string) => {
    const ranking = await prepare(runs, items, name);
    return rankRuns(ranking, trackers.store);
  };
  const baseline = (name: string, more: Partial<LoggedRun>): LoggedRun => ({
    name,
    second: 1,
    ...more,
    tags: { "mlpipe.run": "baseline", ...more.tags },
  });

  test("keeps runs without a tag where a tag must differ, which MLflow's search would leave out", async () => {
    const runs = [
      baseline("no status", {}),
      baseline("rejected", { second: 2, tags: { status: "rejected" } }),
      baseline("accepted", { second: 3, tags: { status: "accepted" } }),
    ];
    const { runs: kept } = await rank(runs, 'runs baseline\nwhere tags.status != "rejected"');
    expect(namesOf(kept)).toEqual(["no status", "accepted"]);
    const { runs: accepted } = await rank(runs, 'runs baseline\nwhere tags.status = "accepted"');
    expect(namesOf(accepted)).toEqual(["accepted"]);
  });

  test("reads the texts of params as the values that the file declares", async () => {
    const runs = ["9", "10", "10.0", "1e1", "ten"].map((cp, second) =>
      baseline(cp, { second, params: { cp } }),
    );
    const { runs: kept } = await rank(runs, "runs baseline\nwhere cp >= 10");
    expect(kept.map(({ name, values }) => [name, values.get("cp")])).toEqual([
      ["10", 10],
      ["10.0", 10],
      ["1e1", 10],
    ]);
  });

  test("lists a sweep's newest trials, never those of a run's name, and no unfinished ones", async () => {
    const runs: readonly LoggedRun[] = [
      { name: "grid", second: 1, tags: { "mlpipe.sweep": "grid", "mlpipe.kind": "sweep" } },
      trialOf("grid", { name: "grid/01", second: 2 }),
      { name: "grid 2", second: 3, tags: { "mlpipe.sweep": "grid", "mlpipe.kind": "sweep" } },
      trialOf("grid", { name: "grid/1", second: 9, parent: "grid 2" }),
      trialOf("grid", { name: "grid/10", second: 5, parent: "grid 2" }),
      trialOf("grid", { name: "grid/2", second: 6, parent: "grid 2" }),
      trialOf("grid", { name: "grid/3", second: 7, parent: "grid 2", status: "FAILED" }),
      baseline("alone", {}),
    ];
    const both = await rank(runs, "runs grid, baseline");
    expect(namesOf(both.runs)).toEqual(["grid/1", "grid/2", "grid/10", "alone"]);
    expect(namesOf((await rank(runs, "runs grid", "baseline")).runs)).toEqual(["alone"]);
    expect(namesOf((await rank(runs, "runs baseline", "grid")).runs)).toHaveLength(3);
  });

  test.each([
    [{ recall: [0.9] }, { recall: [0.8] }, [], "recall", ["loss"]],
    [{ recall: [0.8], loss: [1] }, { recall: [0.8], loss: [2] }, ["recall"], "loss", []],
    [{ recall: [0.8], loss: [1] }, { recall: [0.8], loss: [1] }, ["recall", "loss"], undefined, []],
    [{ recall: [0.8], loss: [9] }, { recall: [0.8], loss: [NaN] }, ["recall"], "loss", []],
    [{ recall: [0.8], loss: [-Infinity] }, { recall: [0.8], loss: [0] }, ["recall"], "loss", []],
  ])("says what decided between %j and %j", async (first, second, equal, decided, unused) => {
    const runs = [
      baseline("a", { metrics: first, second: 1 }),
      baseline("b", { metrics: second, second: 2 }),
    ];
    const { verdict } = await rank(runs, "runs baseline\nbest by recall then loss");
    expect(verdict?.winner.name).toBe("a");
    expect(verdict?.second?.name).toBe("b");
    expect(verdict?.equal.map(({ metric }) => metric)).toEqual(equal);
    expect(verdict?.decided?.metric).toBe(decided);
    expect(verdict?.unused.map(({ metric }) => metric)).toEqual(unused);
  });

  test("has no best run where none has the metric, or it is no number", async () => {
    const runs = [baseline("a", { metrics: { recall: [NaN] } }), baseline("b", {})];
    const ranking = await prepare(runs, "runs baseline\nbest by recall");
    const { runs: ranked, verdict } = await rankRuns(ranking, trackers.store);
    expect(verdict).toBeUndefined();
    expect(ranked).toHaveLength(2);
  });

  test("finds nothing where the experiment is not there, or was deleted", async () => {
    const ranking = await prepare([baseline("a", {})], "runs baseline");
    const [one] = ranking.candidates;
    if (!one) throw new Error("no candidates");
    const { experiment } = await trackers.store.call("experiments/get-by-name", {
      experiment_name: one.experiment,
    });
    await trackers.store.call("experiments/delete", { experiment_id: experiment.experiment_id });
    const elsewhere = { ...ranking, candidates: [one, { ...one, experiment: "/Shared/nowhere" }] };
    const { runs, notRun } = await rankRuns(elsewhere, trackers.store);
    expect(runs).toEqual([]);
    expect(notRun).toHaveLength(2);
  });
});
