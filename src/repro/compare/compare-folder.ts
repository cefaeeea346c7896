/** Two folders, file by file, by their paths. */
import path from "node:path";
import { filesBelow } from "../../content/digest.ts";
import { compareFiles } from "./compare-file.ts";
import { type FileDifference, type Rung, mostListed, rungs } from "./comparison.ts";
import type { Finding } from "./finding.ts";

/** Folders without files in them do not count. Rejects with the file system's errors. */
export async function compareFolders(before: string, after: string): Promise<Finding> {
  const [files, others] = [new Set(await filesBelow(before)), new Set(await filesBelow(after))];
  const all = [...new Set([...files, ...others])].toSorted();
  const findings = await Promise.all(
    all.map(async (file): Promise<readonly [string, Finding]> => {
      const side = !others.has(file) ? "before" : !files.has(file) ? "after" : undefined;
      if (side) return [file, only(side)];
      return [file, await compareFiles(path.join(before, file), path.join(after, file), "file")];
    }),
  );
  return together(findings);
}

function only(side: "before" | "after"): Finding {
  return { rung: undefined, difference: { kind: "only", side }, isUndecided: false, notes: [] };
}

/** As good as the worst of them. */
function together(findings: readonly (readonly [string, Finding])[]): Finding {
  const differences = findings.flatMap(([file, { difference }]): readonly FileDifference[] =>
    difference ? [{ path: file, difference }] : [],
  );
  const isDifferent = findings.some(([, it]) => it.rung === undefined && !it.isUndecided);
  return {
    rung: lowest(findings.map(([, it]) => it.rung)),
    difference:
      differences.length === 0
        ? undefined
        : { kind: "files", files: differences.slice(0, mostListed), count: differences.length },
    isUndecided: !isDifferent && findings.some(([, it]) => it.isUndecided),
    notes: findings.flatMap(([file, { notes }]) => notes.map((note) => `${file}: ${note}`)),
  };
}

function lowest(all: readonly (Rung | undefined)[]): Rung | undefined {
  if (all.includes(undefined)) return undefined;
  return rungs.findLast((rung) => all.includes(rung)) ?? "bytes";
}
