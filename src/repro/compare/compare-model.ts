/** Models: the files of their folder, then what they have predicted for the rows of their probe. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Json, json } from "../../content/json.ts";
import { NotReadable } from "../../content/kind.ts";
import type { Difference } from "./comparison.ts";
import { compareFolders } from "./compare-folder.ts";
import { type Finding, different } from "./finding.ts";
import { jsonDifference } from "./json-difference.ts";

const probeFile = "probe.json";

export async function compareModels(
  before: string,
  after: string,
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const finding = await compareFolders(before, after, env);
  if (finding.rung !== undefined || !finding.difference) return finding;
  const told = await comparePredictions(before, after);
  if (told === "same") return { ...finding, rung: "predictions", isUndecided: false };
  return finding.isUndecided
    ? finding
    : different(finding.difference as Difference, [...finding.notes, told]);
}

/** `same`, or why that cannot be said, or that it is not so. */
async function comparePredictions(before: string, after: string): Promise<string> {
  const [probe, other] = [await readProbe(before), await readProbe(after)];
  if (!probe || !other)
    return "no predictions were recorded: `probe ROWS` in the block of the model would let them be compared";
  if (jsonDifference(probe.rows, other.rows)) return "the rows of its probe differ too";
  return jsonDifference(probe.predictions, other.predictions)
    ? "its predictions for the rows of its probe differ too"
    : "same";
}

interface Probe {
  readonly rows: Json;
  readonly predictions: Json;
}

async function readProbe(folder: string): Promise<Probe | undefined> {
  const file = path.join(folder, probeFile);
  if (!existsSync(file)) return undefined;
  try {
    const content = json.read(await readFile(file));
    const { rows, predictions } = content as { readonly rows?: Json; readonly predictions?: Json };
    return rows === undefined || predictions === undefined ? undefined : { rows, predictions };
  } catch (error) {
    if (error instanceof NotReadable) return undefined;
    throw error;
  }
}
