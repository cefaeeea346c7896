/** Runs of a test and their replays, through the front door. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import type { Replay } from "../../src/repro/replay/replay.ts";
import { fence } from "./attempt.ts";
import { type Ended, type Folder, mlpipe } from "./mlpipe.ts";

export interface RunOptions {
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Performs a run that does well. */
export async function runWell(
  folder: Folder,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const ended = await mlpipe(["run", ...words], { cwd: folder.path, env });
  expect([ended.code, ended.stderr]).toEqual([0, ""]);
  return ended;
}

export interface Replayed {
  readonly code: number | null;
  readonly stderr: string;
  /** Undefined where there is none. */
  readonly replay: Replay | undefined;
}

/** `mlpipe replay WORD --json` in the folder. */
export async function replay(
  folder: Folder,
  word: string,
  { words = [], env = {} }: RunOptions = {},
): Promise<Replayed> {
  const ended = await mlpipe(["replay", word, "--json", ...words], { cwd: folder.path, env });
  const { code, stderr, stdout } = ended;
  return { code, stderr, replay: stdout === "" ? undefined : (JSON.parse(stdout) as Replay) };
}

/** The verdict on each output, by its step and its name. */
export function verdictsOf({ replay: found }: Replayed): Readonly<Record<string, string>> {
  const rows = found?.comparison.rows ?? [];
  return Object.fromEntries(rows.map(({ step, key, verdict }) => [`${step}.${key}`, verdict]));
}

/** Two steps in two languages: a draw, and a sum over it and over a file. */
export const pair = [
  "mlpipe 1",
  "",
  "run pair {",
  "  param k: float = 0.1",
  "  seed 5",
  "  step draw {",
  "    artifact drawn: csv",
  "    metric level",
  fence("js", "const drawn = [{ x: Math.random() + k }];", "const level = drawn[0].x;"),
  "  }",
  "  step add {",
  "    input drawn from draw",
  '    input rows from "data/rows.csv": csv',
  "    metric sum",
  fence("js", "const sum = rows.reduce((all, row) => all + row.a, drawn[0].x);"),
  "  }",
  "}",
  "",
].join("\n");

/** Writes its files. */
export function pairProject(folder: Folder, text = pair): void {
  mkdirSync(path.join(folder.path, "data"), { recursive: true });
  folder.write("pair.mlpipe", text);
  folder.write("data/rows.csv", "a\n1\n2\n");
}

/** What a replay of it says where all is well. */
export const sameInPair = {
  "draw.drawn": "IDENTICAL",
  "draw.level": "IDENTICAL",
  "add.sum": "IDENTICAL",
};
