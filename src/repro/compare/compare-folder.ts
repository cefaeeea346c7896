/** Two folders, file by file, by their paths. */
import path from "node:path";
import { filesBelow } from "../../content/digest.ts";
import { compareFiles } from "./compare-file.ts";
import { type Finding, only, together } from "./finding.ts";

/** Folders without files in them do not count. Rejects with the file system's errors. */
export async function compareFolders(
  before: string,
  after: string,
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const [files, others] = [new Set(await filesBelow(before)), new Set(await filesBelow(after))];
  const findings: (readonly [string, Finding])[] = [];
  for (const file of [...new Set([...files, ...others])].toSorted()) {
    const side = !others.has(file) ? "before" : !files.has(file) ? "after" : undefined;
    const pair = [path.join(before, file), path.join(after, file)] as const;
    findings.push([file, side ? only(side) : await compareFiles(...pair, "file", env)]);
  }
  return together(findings, "bytes");
}
