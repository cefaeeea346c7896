/** Whose artifacts are meant: runs and logged models have ids that cannot be mistaken for each other. */

/** MLflow makes a model's id of `m-` and 32 hexadecimal digits; a run's is 32 of them. */
export function isModelId(id: string): boolean {
  return /^m-[0-9a-f]{32}$/.test(id);
}

/** For messages. */
export function nameOwner(id: string): string {
  return isModelId(id) ? `logged model ${id}` : `run ${id}`;
}
