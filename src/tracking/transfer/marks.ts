/** The tags by which a copy is known for what it is; they are made anew with each copy, never copied. */
import { requestTag } from "../client-once.ts";
import type { KeyValue } from "../entities.ts";

/** Where the copy came from, see `identify`. */
export const originTag = "mlpipe.origin";
/** The id of the run that this is a copy of: the first of them, however often it was copied. */
export const originRunTag = "mlpipe.origin_run_id";
/** As `originRunTag`, for a logged model. */
export const originModelTag = "mlpipe.origin_model_id";
/** As `originRunTag`, for a version of a registered model: its number and the time of its making. */
export const originVersionTag = "mlpipe.origin_version";
/** On a copy that is whole: what it was a copy of, see `Mark`. */
export const copiedTag = "mlpipe.copied";
/** On a run that was to go to a server which did not answer: that server's address, without a password. */
export const intendedTag = "mlpipe.intended_tracking_uri";

/** On a run of which this is only what came after its server was lost; what came before is there. */
export const partialTag = "mlpipe.partial";
/** On a version that may have come to a lower number than it is to have, which is the tag's value; such a one is deleted. */
export const placeholderTag = "mlpipe.placeholder";

/** Kept by MLflow itself: the run's name, and the versions that were made of a logged model. */
const kept = ["mlflow.runName", "mlflow.modelVersions"];

const uncopied: ReadonlySet<string> = new Set([
  originTag,
  originRunTag,
  originModelTag,
  originVersionTag,
  copiedTag,
  placeholderTag,
  intendedTag,
  partialTag,
  requestTag,
  ...kept,
]);

/** The tags that belong to the thing itself. */
export function copiedTags(tags: readonly KeyValue[] | undefined): readonly KeyValue[] {
  return (tags ?? []).filter(({ key }) => !uncopied.has(key));
}

export function tagOf(tags: readonly KeyValue[] | undefined, key: string): string | undefined {
  return tags?.find((tag) => tag.key === key)?.value;
}

/** What a whole copy was made of. */
export interface Mark {
  /** Digests of the data and of the list of files. */
  readonly data: string;
  readonly files: string;
  /** When the files were listed, by the clock of who copied; in milliseconds since 1970. */
  readonly listed: number;
}

export function printMark({ data, files, listed }: Mark): string {
  return `1 ${data} ${files} ${listed}`;
}

/** Undefined: the copy is not known to be whole, or was made by another version of mlpipe. */
export function readMark(tags: readonly KeyValue[] | undefined): Mark | undefined {
  const [, data, files, listed] =
    /^1 ([0-9a-f]+) ([0-9a-f]+) (\d+)$/.exec(tagOf(tags, copiedTag) ?? "") ?? [];
  return data === undefined || files === undefined
    ? undefined
    : { data, files, listed: Number(listed) };
}
