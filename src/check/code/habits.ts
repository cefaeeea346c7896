/** E0704 and E0705: code that starts MLflow runs by itself, or works on one machine only. */
import { type CheckContext, say } from "../context.ts";
import type { StepView } from "./step-view.ts";

export function checkHabits(context: CheckContext, { reading, placeAt }: StepView): void {
  if (!reading) return;
  const moves = reading.calls.filter(({ name }) => name === "setwd" || name === "process.chdir");
  for (const call of reading.calls)
    if (call.name === "mlflow_start_run") say(context, "E0704", placeAt(call), {});
  for (const call of moves)
    say(context, "E0705", placeAt(call), { found: call.name, kind: "call" });
  const named = new Set(moves.map(({ text }) => text));
  for (const text of reading.texts)
    if (isMachinePath(text.value) && !named.has(text.value))
      say(context, "E0705", placeAt(text), { found: shorten(text.value), kind: "path" });
}

/**
 * Paths into somebody's folders. Others that begin with `/` may be routes, experiments, or the same on every machine
 * (`/dev/null`), and are left alone.
 */
function isMachinePath(text: string): boolean {
  return /^(?:file:\/\/)?(?:\/(?:home|Users|root|tmp|var|mnt|media|srv|scratch|Volumes)\/[^\s/]|~\/[^\s/]|\/?[A-Za-z]:[\\/](?![\\/])[^\s\\/]|\\\\[^\s\\]+\\[^\s\\])/u.test(
    text,
  );
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
