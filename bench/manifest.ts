/** What recording a run costs, against the run itself. */
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";
import { openBed, root } from "./bed.ts";
import type { Figure } from "./figure.ts";
import { median, timeOnce } from "./measure.ts";

/** Below `dist`, where what it is made of finds the files that it comes with. */
const bundled = path.join(root, "dist", "bench");

export async function* measureManifest(rounds: number): AsyncGenerator<Figure> {
  const bed = openBed();
  try {
    cpSync(path.join(root, "examples", "iris"), bed.folder, { recursive: true, force: true });
    const run = bed.mlpipe("run", "iris.mlpipe", "baseline", "--no-cache");
    const record = await bundle("manifest-once");
    const { stdout: told } = spawnSync(run.file, run.args, { ...run, encoding: "utf8" });
    const id = /run (\w{32})/.exec(told)?.[1] ?? "";
    // The command keeps compiled code too.
    const env = { ...process.env, NODE_COMPILE_CACHE: path.join(bed.folder, "compiled") };
    const once = (): number => {
      // Outputs that nobody has seen cost most.
      rmSync(path.join(bed.folder, ".mlpipe", "cache", "content"), {
        recursive: true,
        force: true,
      });
      const words = [record, "iris.mlpipe", bed.folder, id];
      const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8", env });
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
    rmSync(bundled, { recursive: true, force: true });
    bed.close();
  }
}

/** As what is shipped: in chunks, of which those are loaded that are needed. Resolves to the place of the program. */
async function bundle(name: string): Promise<string> {
  const build = await rolldown({
    input: { [name]: path.join(root, "bench", `${name}.ts`) },
    platform: "node",
    external: ["undici", "zx", "webr", "fast-check", "vitest"],
  });
  await build.write({ dir: bundled, format: "esm" });
  await build.close();
  return path.join(bundled, `${name}.js`);
}
