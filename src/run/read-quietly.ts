/** Files of /proc, which go with their process at any moment. */
import { readFileSync } from "node:fs";

/** Empty where the file is gone or another user's. */
export function readQuietly(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
