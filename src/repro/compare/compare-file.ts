/** Two files by their bytes, then by what the bytes mean. */
import { readFile } from "node:fs/promises";
import type { Format } from "../../check/program.ts";
import { kindOf } from "../../content/choose.ts";
import { NotReadable } from "../../content/kind.ts";
import { byteDifference } from "./bytes.ts";
import { compareContent } from "./compare-content.ts";
import { type Finding, different, same, undecided } from "./finding.ts";

/** `format`: as it was declared; what was not is told by the name and by how it begins. */
export async function compareFiles(
  before: string,
  after: string,
  format: Format,
): Promise<Finding> {
  const bytes = await byteDifference(before, after);
  if (!bytes) return same("bytes");
  const [file, other] = [await readFile(before), await readFile(after)];
  const kind = kindOf(before, format, file);
  if (!kind) return different(bytes);
  try {
    return compareContent(kind, file, other);
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error;
    return undecided(
      bytes,
      `its bytes differ, and what they mean cannot be told: it ${error.message}`,
    );
  }
}
