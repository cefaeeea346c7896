/** A diagnosis asked for on the command line. */
import { type DiagnoseRequest, diagnose } from "../repro/diagnose/diagnose.ts";
import type { Diagnosis } from "../repro/diagnose/diagnosis.ts";
import { inScratch } from "../repro/scratch.ts";

/** Enough for rare deviations; most causes take a fraction of it. */
const budgetMs = 120_000;

/** Two executions at once, which is what a laptop has room for. Undefined where it was interrupted. */
export async function diagnosed(
  request: Omit<DiagnoseRequest, "scratch" | "budgetMs" | "jobs">,
): Promise<Diagnosis | undefined> {
  try {
    return await inScratch("diagnose", (scratch) =>
      diagnose({ ...request, scratch, budgetMs, jobs: 2 }),
    );
  } catch (error) {
    if (!request.signal.aborted) throw error;
    return undefined;
  }
}
