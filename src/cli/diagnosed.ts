/** A diagnosis asked for on the command line. */
import { type DiagnoseRequest, diagnose } from "../repro/diagnose/diagnose.ts";
import type { Diagnosis } from "../repro/diagnose/diagnosis.ts";
import { inScratch } from "../repro/scratch.ts";

/** As many executions at once as a laptop has room for, and time enough for rare deviations; most causes take a fraction of it. */
export const diagnosing = { jobs: 2, budgetMs: 180_000 } as const;

/** Undefined where it was interrupted. */
export async function diagnosed(
  request: Omit<DiagnoseRequest, "scratch" | "budgetMs" | "jobs">,
): Promise<Diagnosis | undefined> {
  try {
    return await inScratch("diagnose", (scratch) =>
      diagnose({ ...request, scratch, ...diagnosing }),
    );
  } catch (error) {
    if (!request.signal.aborted) throw error;
    return undefined;
  }
}
