/** `npm run bench`: what the README claims about speed, measured as ratios within one run. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { measureLanguage } from "./language.ts";
import { type Command, compare, median, timeOnce } from "./measure.ts";
import { measureServer } from "./server.ts";

const root = path.join(import.meta.dirname, "..");
const bin = path.join(root, "dist", "cli", "bin.js");
/** Pairs of runs for each ratio. */
const rounds = Number(process.env.BENCH_ROUNDS ?? 9);
const folder = mkdtempSync(path.join(tmpdir(), "mlpipe-bench-"));

function mlpipe(...args: string[]): Command {
  return { file: process.execPath, args: [bin, ...args], cwd: folder, env: withoutTracking() };
}

function withoutTracking(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("MLFLOW_")),
  );
}

function write(name: string, text: string): string {
  writeFileSync(path.join(folder, name), text);
  return name;
}

function step(language: string, code: string, items = ""): string {
  return `mlpipe 1\n\nexperiment "bench"\n\nrun it {\n${items}\n  \`\`\`${language}\n${code}\n  \`\`\`\n}\n`;
}

function say(what: string, figure: string, aim: string): void {
  console.log(`| ${what.padEnd(58)} | ${figure.padEnd(34)} | ${aim.padEnd(16)} |`);
}

function sayRatio(what: string, ours: Command, peer: Command, aim: string): void {
  const result = compare(ours, peer, rounds);
  say(
    what,
    `${result.ratio.toFixed(2)}x (${result.ours.toFixed(0)} / ${result.peer.toFixed(0)} ms)`,
    aim,
  );
}

function measureProcesses(): void {
  const empty: Command = { file: process.execPath, args: [write("empty.mjs", "")], cwd: folder };
  cpSync(path.join(root, "examples", "iris"), folder, { recursive: true });
  sayRatio(
    "compile iris.mlpipe / an empty node",
    mlpipe("compile", "iris.mlpipe", "--stdout"),
    empty,
    "<= 3.5x",
  );
  const node = write("node.mlpipe", step("js", "  const x = 1;"));
  sayRatio("run with one trivial Node step / a bare node", mlpipe("run", node), empty, "<= 4x");
  if (spawnSync("Rscript", ["--version"]).status !== 0) {
    console.log("no Rscript here: the R figures are not measured");
    return;
  }
  const r = write("r.mlpipe", step("r", "  x <- 1"));
  const bare: Command = { file: "Rscript", args: ["-e", "x <- 1"], cwd: folder };
  sayRatio("run with one trivial R step / a bare Rscript", mlpipe("run", r), bare, "<= 1.5x");
  measurePoints();
}

/** The same loop with and without logging, each in its own run of mlpipe. */
function measurePoints(): void {
  const loop = (body: string): string =>
    `  loss <- 1\n  for (i in 1:10000) { loss <- loss * 0.9999; ${body} }`;
  const logged = write(
    "points.mlpipe",
    step("r", loop('log_metric("loss", loss, step = i)'), "  metric loss minimize"),
  );
  const bare = write("loop.mlpipe", step("r", loop("NULL"), "  metric loss minimize"));
  const differences = Array.from(
    { length: Math.min(rounds, 5) },
    () => timeOnce(mlpipe("run", logged)) - timeOnce(mlpipe("run", bare)),
  );
  say(
    "10,000 metric points from one R step, over the bare loop",
    `${median(differences).toFixed(0)} ms`,
    "<= 1000 ms",
  );
}

/** Peak resident memory of the command itself, without the step's process. */
function measureMemory(): void {
  cpSync(path.join(root, "examples", "quickstart"), folder, { recursive: true });
  const probe = write(
    "peak.mjs",
    `process.on("exit", () => console.error("peak", process.resourceUsage().maxRSS));`,
  );
  const { stderr } = spawnSync(
    process.execPath,
    ["--import", path.join(folder, probe), bin, "run", "quickstart.mlpipe"],
    {
      cwd: folder,
      env: withoutTracking(),
      encoding: "utf8",
    },
  );
  const peaks = [...stderr.matchAll(/peak (\d+)/g)].map(
    ([, kilobytes]) => Number(kilobytes) / 1024,
  );
  say("peak memory of run on the quickstart", `${Math.max(...peaks).toFixed(0)} MB`, "<= 120 MB");
}

if (!existsSync(bin)) throw new Error("build first: npm run build");
const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
  version: string;
};
console.log(`mlpipe ${version}, node ${process.versions.node}, ${rounds} rounds\n`);
say("what", "measured", "aim");
console.log(`|${"-".repeat(60)}|${"-".repeat(36)}|${"-".repeat(18)}|`);
try {
  for (const { what, figure, aim } of measureLanguage()) say(what, figure, aim);
  measureProcesses();
  measureMemory();
  for await (const { what, figure, aim } of measureServer()) say(what, figure, aim);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
