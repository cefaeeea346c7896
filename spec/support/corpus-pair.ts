/** Scripts of the corpus of which something changes after a run: two recorded runs, and why the second gives something else. */
import { cpSync } from "node:fs";
import path from "node:path";
import type { Cause } from "../../src/repro/cause.ts";
import type { Script } from "./corpus.ts";
import { type Staged, stage } from "./corpus-stage.ts";
import { mlpipe } from "./mlpipe.ts";

/** Of `mlpipe why A B --json`. */
export interface Why {
  readonly verdict: string;
  readonly reasons: readonly {
    readonly cause: Cause;
    readonly what: string;
    readonly line?: number;
  }[];
}

/** Both runs are recorded in `folder`, at the same place. */
export async function whyOfPair(script: Script, folder: string): Promise<Why> {
  const staged = stage(script, path.join(folder, "user"));
  const before = await recordRun(staged);
  const changed = stage(script, path.join(folder, "changed"), true);
  cpSync(changed.project, staged.project, { recursive: true });
  const [library, newer] = [staged.env["R_LIBS"], changed.env["R_LIBS"]];
  if (library !== undefined && newer !== undefined) cpSync(newer, library, { recursive: true });
  const after = await recordRun(staged);
  const { stdout, stderr } = await ask(staged, "why", before, after, "--json");
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Why;
}

/** Its id. */
async function recordRun(staged: Staged): Promise<string> {
  const { stdout, stderr } = await ask(staged, "run", staged.file);
  const id = /^FINISHED .* run (?<id>[0-9a-f]{32})$/m.exec(stdout)?.groups?.["id"];
  if (id === undefined) throw new Error(stdout + stderr);
  return id;
}

function ask({ project, env }: Staged, ...words: readonly string[]) {
  return mlpipe(words, { cwd: project, env: env as Record<string, string> });
}
