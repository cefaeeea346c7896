/** What it costs to verify the iris example: all laws, twenty values of its params. */
import { cpSync } from "node:fs";
import path from "node:path";
import { openBed, root } from "./bed.ts";
import type { Figure } from "./figure.ts";
import { spawnSync } from "node:child_process";
import type { Verification } from "../src/repro/laws/verify.ts";

export function* measureVerify(): Generator<Figure> {
  const bed = openBed();
  try {
    cpSync(path.join(root, "examples", "iris"), bed.folder, { recursive: true });
    const { file, args, cwd, env } = bed.mlpipe("verify", "iris.mlpipe", "--seed", "7", "--json");
    const { stdout } = spawnSync(file, args, { cwd, env, encoding: "utf8" });
    const { milliseconds, executions, laws } = JSON.parse(stdout) as Verification;
    const held = laws.filter(({ outcome }) => outcome.kind === "held");
    const cases = laws.find(({ law }) => law === "L2")?.outcome;
    const tried = cases && "cases" in cases ? cases.cases : 0;
    yield {
      what: "verify the iris example: all laws",
      figure: `${(milliseconds / 1000).toFixed(1)} s, ${executions} executions, ${tried} cases, ${held.length} of ${laws.length} held`,
      aim: "<= 60 s",
    };
  } finally {
    bed.close();
  }
}
