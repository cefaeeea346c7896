/** Into what parts big files are cut on their way to a cloud store. */
import { readNumber, type Environment } from "../client-settings.ts";
import type { Slice } from "../client-file.ts";
import { TrackingError } from "../tracking.ts";

/** In bytes. */
export interface PartSizes {
  readonly part: number;
  /** What is bigger goes to S3 in parts. */
  readonly whole: number;
}

const mebibyte = 1024 * 1024;
const partVariable = "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE";
const wholeVariable = "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE";

/** S3's own limits are 5 MiB, 5 GiB, and 10,000 parts; Azure's are wider. */
const smallestPart = 5 * mebibyte;
export const biggestWhole = 5 * 1024 * mebibyte;
const mostParts = 10_000;
const anySize = { least: 0, below: Number.MAX_SAFE_INTEGER };

/** As MLflow's clients read them. Throws TrackingError. */
export function readPartSizes(env: Environment): PartSizes {
  const part = readNumber(env, partVariable, anySize) ?? 10 * mebibyte;
  const whole = readNumber(env, wholeVariable, anySize) ?? 500 * mebibyte;
  if (part < smallestPart) throw outOfReach(partVariable, `at least ${smallestPart}, 5 MiB`);
  if (part > biggestWhole) throw outOfReach(partVariable, `at most ${biggestWhole}, 5 GiB`);
  if (whole > biggestWhole) throw outOfReach(wholeVariable, `at most ${biggestWhole}, 5 GiB`);
  return { part: Math.floor(part), whole };
}

function outOfReach(variable: string, limit: string): TrackingError {
  const message = `${variable} has to be ${limit}: S3 takes nothing else`;
  return new TrackingError("INVALID_PARAMETER_VALUE", message, "Set it so, or unset it.");
}

/** Parts that lie side by side and make up the file; none of an empty one. */
export function cut(file: Slice, { part }: PartSizes): readonly Slice[] {
  const size = Math.max(part, Math.ceil(file.length / mostParts));
  const { localFile, start, length } = file;
  return Array.from({ length: Math.ceil(length / size) }, (_, at) => ({
    localFile,
    start: start + at * size,
    length: Math.min(size, length - at * size),
  }));
}
