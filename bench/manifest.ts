/** What recording a run costs, against the run itself. */
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import path from "node:path";
import { openBed, root } from "./bed.ts";
import type { Figure } from "./figure.ts";
import { median, timeOnce } from "./measure.ts";

export function* measureManifest(rounds: number): Generator<Figure> {
  const bed = openBed();
  try {
    cpSync(path.join(root, "examples", "iris"), bed.folder, { recursive: true });
    const run = bed.mlpipe("run", "iris.mlpipe", "baseline", "--no-cache");
    const record = path.join(root, "bench", "manifest-once.ts");
    const once = (): number => {
      const words = [record, "iris.mlpipe", bed.folder];
      const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
      const milliseconds = Number(stdout);
      if (stdout === "" || Number.isNaN(milliseconds)) throw new Error(stderr);
      return milliseconds;
    };
    const pairs = Array.from({ length: rounds }, () => [once(), timeOnce(run)] as const);
    const [ours, whole] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))];
    const share = (100 * median(pairs.map(([a, b]) => a / b))).toFixed(1);
    yield {
      what: "the manifest of the iris run / that run",
      figure: `${share} % (${ours.toFixed(0)} / ${whole.toFixed(0)} ms)`,
      aim: "<= 5 %",
    };
  } finally {
    bed.close();
  }
}
