/** Whether anybody is there at all. */
import type { Tracking } from "./tracking.ts";

/** Where the tracker does not answer as it should, it is closed, and its failure rejects. */
export async function requireAnswer(tracking: Tracking): Promise<void> {
  try {
    await tracking.call("experiments/search", { max_results: 1 });
  } catch (cause) {
    await tracking.close();
    throw cause;
  }
}
