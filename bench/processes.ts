/** One command each: what `compile` and `run` add to the bare interpreter, and the memory that they take. */
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import path from "node:path";
import { type Bed, bin, openBed, root } from "./bed.ts";
import type { Figure } from "./figure.ts";
import { type Command, compare, median, timeOnce } from "./measure.ts";

export function* measureProcesses(rounds: number): Generator<Figure> {
  const bed = openBed();
  try {
    yield* measureNode(bed, rounds);
    yield* measureR(bed, rounds);
    yield measureMemory(bed);
  } finally {
    bed.close();
  }
}

function step(language: string, code: string, items = ""): string {
  return `mlpipe 1\n\nexperiment "bench"\n\nrun it {\n${items}\n  \`\`\`${language}\n${code}\n  \`\`\`\n}\n`;
}

function ratio(what: string, ours: Command, peer: Command, rounds: number, aim: string): Figure {
  const found = compare(ours, peer, rounds);
  const figure = `${found.ratio.toFixed(2)}x (${found.ours.toFixed(0)} / ${found.peer.toFixed(0)} ms)`;
  return { what, figure, aim };
}

function* measureNode(bed: Bed, rounds: number): Generator<Figure> {
  const empty = bed.command(process.execPath, bed.write("empty.mjs", ""));
  cpSync(path.join(root, "examples", "iris"), bed.folder, { recursive: true });
  yield ratio(
    "compile iris.mlpipe / an empty node",
    bed.mlpipe("compile", "iris.mlpipe", "--stdout"),
    empty,
    rounds,
    "<= 3.5x",
  );
  const file = bed.write("node.mlpipe", step("js", "  const x = 1;"));
  yield ratio(
    "run with one trivial Node step / a bare node",
    bed.mlpipe("run", file, "--no-cache"),
    empty,
    rounds,
    "<= 4x",
  );
}

function* measureR(bed: Bed, rounds: number): Generator<Figure> {
  if (spawnSync("Rscript", ["--version"]).status !== 0) {
    console.log("no Rscript here: the R figures are not measured");
    return;
  }
  const bare = bed.command("Rscript", "-e", "x <- 1");
  const file = bed.write("r.mlpipe", step("r", "  x <- 1"));
  yield ratio(
    "run with one trivial R step / a bare Rscript",
    bed.mlpipe("run", file, "--no-cache"),
    bare,
    rounds,
    "<= 1.5x",
  );
  yield measurePoints(bed, rounds);
}

/** The same loop with and without logging, each in its own run of mlpipe. */
function measurePoints(bed: Bed, rounds: number): Figure {
  const loop = (name: string, body: string): Command => {
    const code = `  loss <- 1\n  for (i in 1:10000) { loss <- loss * 0.9999; ${body} }`;
    const file = bed.write(name, step("r", code, "  metric loss minimize"));
    return bed.mlpipe("run", file, "--no-cache");
  };
  const logged = loop("points.mlpipe", 'log_metric("loss", loss, step = i)');
  const bare = loop("loop.mlpipe", "NULL");
  const differences = Array.from(
    { length: Math.min(rounds, 5) },
    () => timeOnce(logged) - timeOnce(bare),
  );
  return {
    what: "10,000 metric points from one R step, over the bare loop",
    figure: `${median(differences).toFixed(0)} ms`,
    aim: "<= 1000 ms",
  };
}

function measureMemory(bed: Bed): Figure {
  cpSync(path.join(root, "examples", "quickstart"), bed.folder, { recursive: true });
  const { megabytes } = runForPeak(bed, "run", "quickstart.mlpipe");
  const figure = `${megabytes.toFixed(0)} MB`;
  return { what: "peak memory of run on the quickstart", figure, aim: "<= 120 MB" };
}

export interface Peak {
  readonly milliseconds: number;
  /** Peak resident memory of the command itself, without the steps' processes. */
  readonly megabytes: number;
}

export function runForPeak(bed: Bed, ...args: readonly string[]): Peak {
  const probe = bed.write(
    "peak.mjs",
    `process.on("exit", () => console.error("peak", process.resourceUsage().maxRSS));`,
  );
  const load = ["--import", path.join(bed.folder, probe), bin, ...args];
  const { cwd, env } = bed.command(process.execPath);
  const began = performance.now();
  const limits = { encoding: "utf8", maxBuffer: 2 ** 28 } as const;
  const { status, stderr } = spawnSync(process.execPath, load, { cwd, env, ...limits });
  const milliseconds = performance.now() - began;
  const peak = /peak (\d+)/.exec(stderr)?.[1];
  if (status !== 0 || peak === undefined)
    throw new Error(`mlpipe ${args.join(" ")} ended with ${status}: ${stderr}`);
  return { milliseconds, megabytes: Number(peak) / 1024 };
}
