/** Many small steps in one run: what mlpipe adds to each, beside tools that only start processes, and when nothing has to run. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Bed, openBed } from "./bed.ts";
import type { Figure } from "./figure.ts";
import { byMake, bySnakemake, byXargs, findSnakemake } from "./many-peers.ts";
import { type Command, type Times, compare, median, timeInTurn } from "./measure.ts";

const count = 50;

export function* measureManySteps(rounds: number): Generator<Figure> {
  const bed = openBed();
  try {
    yield* measureFresh(bed, Math.min(rounds, 5));
    yield* measureUpToDate(bed, rounds);
  } finally {
    bed.close();
  }
}

/** `<count>.mlpipe`: a run of so many scripts that have nothing to do with each other. */
function writeRun(bed: Bed, names: readonly string[]): string {
  const steps = names.map((name, at) => `  step s${at + 1} {\n    script "${name}"\n  }\n`);
  return bed.write(
    `${names.length}.mlpipe`,
    `mlpipe 1\n\nexperiment "bench"\n\nrun many {\n${steps.join("\n")}}\n`,
  );
}

function writeScripts(bed: Bed): readonly string[] {
  return Array.from({ length: count }, (_, at) =>
    bed.write(`s${at + 1}.mjs`, `export const done = ${at + 1};\n`),
  );
}

function* measureFresh(bed: Bed, rounds: number): Generator<Figure> {
  const all = writeScripts(bed);
  const fresh = (names: readonly string[]): Command => ({
    ...bed.mlpipe("run", writeRun(bed, names), "-j", "2"),
    prepare: bed.forget,
  });
  const found = findSnakemake();
  const snakemake: Readonly<Record<string, (names: readonly string[]) => Command>> =
    "version" in found ? { snakemake: (names) => bySnakemake(bed, names) } : {};
  const runners: Readonly<Record<string, (names: readonly string[]) => Command>> = {
    xargs: (names) => byXargs(bed, names),
    make: (names) => byMake(bed, names),
    mlpipe: fresh,
    ...snakemake,
  };
  const commands = Object.entries(runners).flatMap(([name, run]) => [
    [name, run(all)] as const,
    [`${name} of one`, run(all.slice(0, 1))] as const,
  ]);
  const times = timeInTurn(Object.fromEntries(commands), rounds);
  yield overXargs("xargs -P2", "xargs", times);
  yield overXargs("make -j2", "make", times);
  if ("version" in found) yield margins(found.version, times);
  else
    yield { what: "margin of a step, beside Snakemake", figure: "not measured", aim: found.reason };
}

function overXargs(shown: string, peer: string, times: Times): Figure {
  const over = differences(times, "mlpipe", peer).map((each) => each / count);
  const [ours, theirs] = [median(times.get("mlpipe") ?? []), median(times.get(peer) ?? [])];
  return {
    what: `${count} trivial Node steps at -j 2, over ${shown}`,
    figure: `${median(over).toFixed(1)} ms a step (${ours.toFixed(0)} / ${theirs.toFixed(0)} ms)`,
    aim: "<= 10 ms a step",
  };
}

/** What one step more costs beyond its process; the start of the tool itself is in neither figure. */
function margins(version: string, times: Times): Figure {
  const [ours, theirs] = ["mlpipe", "snakemake"].map((name) => marginOf(name, times));
  return {
    what: `margin of one step more, beside Snakemake ${version}`,
    figure: `1/${((theirs ?? 0) / (ours ?? 0)).toFixed(1)} (${ours?.toFixed(1)} / ${theirs?.toFixed(1)} ms)`,
    aim: "<= 1/5",
  };
}

function marginOf(name: string, times: Times): number {
  const slope = (tool: string): readonly number[] =>
    differences(times, tool, `${tool} of one`).map((each) => each / (count - 1));
  const bare = slope("xargs");
  return median(slope(name).map((each, round) => each - (bare[round] ?? Number.NaN)));
}

/** Round by round. */
function differences(times: Times, one: string, other: string): readonly number[] {
  const others = times.get(other) ?? [];
  return (times.get(one) ?? []).map((each, round) => each - (others[round] ?? Number.NaN));
}

function* measureUpToDate(bed: Bed, rounds: number): Generator<Figure> {
  const empty = bed.command(process.execPath, bed.write("empty.mjs", ""));
  const again = bed.mlpipe("run", `${count}.mlpipe`, "-j", "2");
  bed.forget();
  const row = (what: string, ours: Command, aim: string): Figure => {
    const found = compare(ours, empty, rounds);
    const figure = `${found.ratio.toFixed(2)}x (${found.ours.toFixed(0)} / ${found.peer.toFixed(0)} ms)`;
    return { what, figure, aim };
  };
  yield row(`${count} steps, all up to date / an empty node`, again, "<= 6x");
  let edits = 0;
  const script = readFileSync(path.join(bed.folder, "s1.mjs"), "utf8");
  const edited: Command = {
    ...again,
    prepare: () => void bed.write("s1.mjs", `// remark ${edits++}\n${script}`),
  };
  yield row(`the same, a comment of one step edited / an empty node`, edited, "<= 6x");
}
