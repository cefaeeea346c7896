/** What MLflow accepts as data sets of a run, and as a run's id. Lengths in characters. */
import type { DatasetInput } from "../entities.ts";
import { invalid } from "./store.ts";
import { checkLength } from "./validate.ts";

const limits = {
  name: 500,
  digest: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
} as const;

export function checkDatasetInput({ dataset, tags = [] }: DatasetInput): void {
  for (const [field, limit] of Object.entries(limits)) {
    const value = dataset[field as keyof typeof limits] ?? "";
    checkLength(`the ${field} of a data set`, value, limit);
  }
  for (const { key, value } of tags) {
    checkLength("the key of a data set's tag", key, 255);
    checkLength(`the value of the data set's tag ${JSON.stringify(key)}`, value, 500);
  }
}

/** Some calls of MLflow look at the form of the id before they look for the run. */
export function checkRunId(id: string): void {
  if (!/^[a-zA-Z0-9][\p{L}\p{N}_-]{0,255}$/u.test(id))
    throw invalid(`${JSON.stringify(id)} is no id of a run`);
}
