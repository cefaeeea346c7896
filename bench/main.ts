/**
 * `npm run bench`: what the README claims about speed, measured as ratios within one run. `npm run bench -- many server`
 * measures some parts alone; BENCH_ROUNDS says how often the short ones are repeated.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { bin, root } from "./bed.ts";
import { measureCorpus } from "./corpus.ts";
import { type Figure, sayFigure } from "./figure.ts";
import { measureLanguage } from "./language.ts";
import { measureManifest } from "./manifest.ts";
import { measureManySteps } from "./many-steps.ts";
import { measureProcesses } from "./processes.ts";
import { measureServer } from "./server.ts";
import { measureStatistics } from "./statistics.ts";
import { measureTraces } from "./traces.ts";
import { measureTrials } from "./trials.ts";
import { measureVerify } from "./verify.ts";

/** Pairs of runs for each ratio. */
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 9);

const parts: Readonly<Record<string, () => Iterable<Figure> | AsyncIterable<Figure>>> = {
  language: measureLanguage,
  processes: () => measureProcesses(rounds),
  many: () => measureManySteps(rounds),
  trials: measureTrials,
  manifest: () => measureManifest(rounds),
  server: measureServer,
  traces: () => measureTraces(Math.min(rounds, 5)),
  statistics: measureStatistics,
  verify: measureVerify,
  corpus: measureCorpus,
};

const asked = process.argv.slice(2);
for (const name of asked)
  if (!Object.hasOwn(parts, name))
    throw new Error(`no part ${name}: there are ${Object.keys(parts).join(", ")}`);
if (!existsSync(bin)) throw new Error("build first: npm run build");
const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
  version: string;
};
console.log(`mlpipe ${version}, node ${process.versions.node}, ${rounds} rounds\n`);
sayFigure({ what: "what", figure: "measured", aim: "aim" });
sayFigure({ what: "---", figure: "---", aim: "---" });
for (const [name, measure] of Object.entries(parts))
  if (asked.length === 0 || asked.includes(name))
    for await (const figure of measure()) sayFigure(figure);
