/** Models: the files of their folder, then what they have predicted for the rows of their probe. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Tolerance } from "../../check/program.ts";
import { type Json, json } from "../../content/json.ts";
import { NotReadable } from "../../content/kind.ts";
import { counted } from "../../source/figures.ts";
import { compareFolders } from "./compare-folder.ts";
import { type Difference, mostListed } from "./comparison.ts";
import type { Finding } from "./finding.ts";
import { jsonDifference } from "./json-difference.ts";
import { type Disagreement, type Probe, predictionsDifference } from "./predictions-difference.ts";
import { describeTolerance } from "./tolerance.ts";

export const probeFile = "probe.json";

/** `tolerance`: what the numbers that are predicted may differ by; undefined, or without an amount: not at all. */
export async function compareModels(
  before: string,
  after: string,
  tolerance: Tolerance | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const finding = await compareFolders(before, after, env);
  if (finding.rung !== undefined || !finding.difference) return finding;
  const promise = tolerance?.kind === "within" || tolerance?.kind === "ulp" ? tolerance : undefined;
  const [probe, other] = [await readProbe(before), await readProbe(after)];
  if (!probe || !other)
    return finding.isUndecided ? finding : noted(finding, whyNoPredictions(promise));
  if (jsonDifference(probe.rows, other.rows))
    return noted(finding, "the rows of its probe differ too");
  const found = predictionsDifference(probe, other, promise);
  if (!found) return { ...finding, rung: "predictions", isUndecided: false };
  return judge(withPredictions(finding, found.difference), found, promise);
}

/** It differs, and `note` says why no more can be said, or by how much. */
function noted(finding: Finding, note: string): Finding {
  return { ...finding, isUndecided: false, notes: [...finding.notes, note] };
}

function whyNoPredictions(promise: Tolerance | undefined): string {
  return promise
    ? `no predictions were recorded that could be ${describeTolerance(promise)}: they are where mlpipe saves the model, not where its code does`
    : "no predictions were recorded: `probe ROWS` in the block of the model would let them be compared";
}

function judge(
  finding: Finding,
  { difference, outside }: Disagreement,
  promise: Tolerance | undefined,
): Finding {
  if (!promise) return noted(finding, "its predictions for the rows of its probe differ too");
  const told = describeTolerance(promise);
  if (outside > 0)
    return noted(
      finding,
      `${outside} of its ${counted(difference.compared, "predicted value")} ${outside === 1 ? "is" : "are"} not ${told}`,
    );
  return { ...finding, rung: "tolerance", isUndecided: false, notes: [told, ...finding.notes] };
}

/** What its files differ in, the predictions first. */
function withPredictions(finding: Finding, predictions: Difference): Finding {
  if (finding.difference?.kind !== "files") return finding;
  const { files } = finding.difference;
  const others = files.filter((file) => file.path !== probeFile);
  const first = [{ path: probeFile, difference: predictions }, ...others].slice(0, mostListed);
  return { ...finding, difference: { ...finding.difference, files: first } };
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
