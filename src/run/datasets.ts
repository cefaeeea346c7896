/** The data that a step is given from outside its run, as MLflow's data sets. */
import type { PlannedInput, StepAction } from "../plan/plan.ts";
import { isDataset } from "../plan/told-inputs.ts";
import type { DatasetInput } from "../tracking/entities.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { isUnknownCall } from "../tracking/transfer/tracking-source.ts";
import { digestOfPath } from "./cache/digest.ts";
import type { StepInput } from "./protocol.ts";

/** MLflow keeps no more; of a SHA-256 these are the first 144 bits. */
const digestLength = 36;
const nameLength = 500;

/** `there`: where the inputs lie by now. */
export async function datasetsOf(
  { inputs }: StepAction,
  there: readonly StepInput[],
): Promise<readonly DatasetInput[]> {
  const found: DatasetInput[] = [];
  for (const input of inputs) {
    const place = there.find(({ variable }) => variable === input.variable)?.path;
    const digest = place !== undefined && isDataset(input) && (await digestOfPath(place));
    if (digest) found.push(datasetOf(input, digest));
  }
  return found;
}

/** The source is as MLflow writes it: JSON with an address. A file is named from the project's folder. */
function datasetOf({ variable, from }: PlannedInput, digest: string): DatasetInput {
  const { path, uri, type } = sourceOf(from);
  return {
    tags: [{ key: "mlflow.data.context", value: variable }],
    dataset: {
      name: path.slice(-nameLength),
      digest: digest.slice(0, digestLength),
      source_type: type,
      source: JSON.stringify({ uri }),
    },
  };
}

interface Source {
  readonly path: string;
  readonly uri: string;
  readonly type: string;
}

function sourceOf(from: PlannedInput["from"]): Source {
  if (from.kind === "file") return { path: from.path, uri: from.path, type: "local" };
  if (from.kind === "data") return { path: from.path, uri: from.path, type: "mlpipe" };
  if (from.kind !== "chosen") throw new Error("only what comes from outside is a data set");
  const { path } = from.output;
  return { path, uri: `runs:/${from.runId}/${path}`, type: "runs" };
}

/** A tracker that is older than data sets goes without: what they tell stands in the run's plan and tags too. */
export async function logDatasets(
  datasets: readonly DatasetInput[],
  run_id: string,
  tracking: Tracking,
): Promise<void> {
  if (datasets.length === 0) return;
  try {
    await tracking.call("runs/log-inputs", { run_id, datasets });
  } catch (error) {
    if (!isUnknownCall(error)) throw error;
  }
}
