/** Takes secrets out of the file of events that a step has left: it writes what it likes, and the file stays in `.mlpipe`. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { redact } from "./output-redact.ts";
import { withoutSecrets } from "./step-said.ts";
import { parseStepEvent } from "./step-event.ts";

/** Call when the step has ended. Where the file cannot be rewritten it is removed: what it said has been heard. */
export function redactEvents(file: string, secrets: readonly string[]): void {
  if (secrets.every((secret) => secret === "")) return;
  try {
    const text = readFileSync(file, "utf8");
    const clean = text.split("\n").map((line) => redactLine(line, secrets));
    writeFileSync(file, clean.join("\n"));
  } catch {
    rmSync(file, { force: true });
  }
}

/** By its parts, since JSON has many spellings of one text; what is no event, as it is. */
function redactLine(line: string, secrets: readonly string[]): string {
  const event = parseStepEvent(line);
  if ("problem" in event) return redact(line, secrets);
  return redact(JSON.stringify(withoutSecrets(event, secrets)), secrets);
}
