/** The files of the standard library's data sets, as mlpipe was shipped with them. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PlannedInputSource } from "../plan/plan.ts";
import { fail } from "./failure.ts";

const stdlib = new URL("../../stdlib/", import.meta.url);

/** Path of the file on this machine; R0849 where its bytes are not those of the data set. */
export function standardDataFile({
  path,
  sha256,
}: Extract<PlannedInputSource, { kind: "data" }>): string {
  const file = fileURLToPath(new URL(path.replace(/^std\//, ""), stdlib));
  if (!existsSync(file)) return fail("R0849", { path, because: "is not there" });
  const found = createHash("sha256").update(readFileSync(file)).digest("hex");
  return found === sha256 ? file : fail("R0849", { path, because: "has been changed" });
}
