/** Outputs of which the files are gone, by the digests that were recorded of them: their bytes, then what they mean. */
import { statSync } from "node:fs";
import path from "node:path";
import type { Format, Tolerance } from "../../check/program.ts";
import { kindByName } from "../../content/choose.ts";
import { contentDigest, contentVersion } from "../../content/digest.ts";
import type { Digest } from "../../run/cache/digest.ts";
import type { RecordedContent, RecordedFile } from "../../run/manifest/manifest.ts";
import { filesIn, recordFile } from "../../run/manifest/used-files.ts";
import type { DigestedOutput, KnownOutput } from "../results.ts";
import { type Finding, different, same, undecided } from "./finding.ts";
import { probeFile } from "./compare-model.ts";
import { describeTolerance } from "./tolerance.ts";

type Digests = Pick<DigestedOutput, "files" | "content">;
type FileOutput = Exclude<KnownOutput, { readonly kind: "metric" }>;

/**
 * One of them at least is digested; the other one's digests are worked out as its were. `tolerance`: see `compareModels`.
 * Rejects with the file system's errors.
 */
export async function compareDigests(
  before: FileOutput,
  after: FileOutput,
  tolerance: Tolerance | undefined,
): Promise<Finding> {
  const known = [before, after].find((output) => output.kind === "digests");
  if (!known) throw new Error("the files of both are there");
  const sides = [await digestsOf(before, known), await digestsOf(after, known)] as const;
  return { ...compareSides(...sides, known, tolerance), byDigest: true };
}

async function digestsOf(output: FileOutput, { format }: DigestedOutput): Promise<Digests> {
  if (output.kind === "digests") return output;
  const { path: place } = output;
  const files = statSync(place).isDirectory() ? await filesIn(place) : [await recordFile(place)];
  const sha256 = await contentDigest(place, format);
  const isTold = sha256 !== undefined;
  return {
    files,
    content: isTold ? { sha256: sha256 as Digest, version: contentVersion } : null,
  };
}

const gone = "its recorded files are gone, so it was compared by their digests";

function compareSides(
  before: Digests,
  after: Digests,
  output: DigestedOutput,
  tolerance: Tolerance | undefined,
): Finding {
  if (hasSameBytes(before, after)) return same("bytes", [gone]);
  const [content, other] = [before.content, after.content];
  if (!content || !other || content.version !== other.version)
    return undecided(undefined, `${gone}: the bytes differ, and ${whyOpen(content, other)}`);
  if (content.sha256 === other.sha256) return same("content", [gone]);
  const difference = differenceOf(content, other);
  const probe = probeOf(before, after);
  if (probe === "same")
    return { rung: "predictions", difference, isUndecided: false, notes: [gone] };
  const open = probe === "other" ? whyNear(tolerance) : whyAlike(output);
  if (open !== undefined) return undecided(difference, `${gone}: the content differs, but ${open}`);
  const told = probe === "other" ? "; those of its probe and predictions differ too" : "";
  return different(difference, [`${gone}${told}`]);
}

/** Why a lower rung may hold though the predictions are not the same; undefined: none can. */
function whyNear(tolerance: Tolerance | undefined): string | undefined {
  return tolerance?.kind === "within" || tolerance?.kind === "ulp"
    ? `what it predicts may be ${describeTolerance(tolerance)}`
    : undefined;
}

/** The same of an output without predictions. */
function whyAlike(output: DigestedOutput): string | undefined {
  return holdsObjects(output)
    ? "objects of R may be the same but for what formulas have captured"
    : undefined;
}

function hasSameBytes({ files }: Digests, after: Digests): boolean {
  const others = digestsByPath(after.files);
  return (
    files.length === others.size && files.every((file) => others.get(file.path) === file.sha256)
  );
}

function digestsByPath(files: readonly RecordedFile[]): ReadonlyMap<string, Digest> {
  return new Map(files.map((file) => [file.path, file.sha256]));
}

/** The end of a sentence. */
function whyOpen(content: RecordedContent | null, other: RecordedContent | null): string {
  return content && other
    ? "what they mean was told in another way by another version of mlpipe"
    : "there is no digest of what they mean";
}

function differenceOf(content: RecordedContent, other: RecordedContent) {
  const [before, after] = [content.sha256.slice(0, 12), other.sha256.slice(0, 12)];
  const value = { path: "sha256 of the content", before, after };
  return { kind: "values", values: [value], count: 1 } as const;
}

/** What a model has predicted for recorded rows lies in a file of its own. */
function probeOf(before: Digests, after: Digests): "same" | "other" | "none" {
  const [probe, other] = [before, after].map((it) => digestsByPath(it.files).get(probeFile));
  if (probe === undefined || other === undefined) return "none";
  return probe === other ? "same" : "other";
}

function holdsObjects({ files, format, path: name }: DigestedOutput): boolean {
  const isFile = files.length === 1 && files[0]?.path === "";
  const as: Format = isFile ? format : "file";
  return files.some((file) => kindByName(path.posix.join(name, file.path), as) === "r");
}
