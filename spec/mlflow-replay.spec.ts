/** Runs that a real MLflow keeps, replayed from there by a machine that has nothing else of them. */
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { readFacts } from "./support/facts.ts";
import { mlflowFolder, startMlflow } from "./support/mlflow.ts";
import { temporaryFolder } from "./support/mlpipe.ts";
import { noR } from "./support/r-step.ts";
import { pairProject, replay, runWell, sameInPair, verdictsOf } from "./support/replays.ts";

const isSkipped = mlflowFolder === undefined || noR;

test.skipIf(isSkipped)(
  "params, metrics, models and inputs come back from MLflow's server with every bit",
  { timeout: 240_000 },
  async () => {
    using place = temporaryFolder();
    using here = temporaryFolder("houses");
    using elsewhere = temporaryFolder();
    const server = await startMlflow(place.path);
    try {
      pairProject(here);
      const words = ["--tracking-uri", server.uri];
      await runWell(here, ["pair.mlpipe", ...words]);
      await runWell(here, ["houses.mlpipe", "learn", ...words]);
      rmSync(here.path, { recursive: true });
      const pair = await replay(elsewhere, "pair", { words });
      expect(pair).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL" } });
      expect(verdictsOf(pair)).toEqual(sameInPair);
      const learn = await replay(elsewhere, "learn", { words });
      expect(learn).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL" } });
      expect(verdictsOf(learn)).toMatchObject({ "fit.prices": "IDENTICAL" });
      const runs = await readFacts(server.uri, place.path);
      expect(runs.map(({ name, tags }) => [name, tags["mlpipe.verdict"]])).toEqual([
        ["pair", undefined],
        ["learn", undefined],
        ["replay of pair", "IDENTICAL"],
        ["replay of learn", "IDENTICAL"],
      ]);
    } finally {
      await server.stop();
    }
  },
);
