/** The part of the user's home folder that a run has to do with, so that each execution begins with the same. */
import { cpSync, existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import type { StepTrace } from "../trace/read-trace.ts";

const startUp = [".Rprofile", ".Renviron"];
/** Larger files are not copied. */
const mostBytes = 64 * 2 ** 20;

/** Copies to `target` what the traced steps have read or looked for in `home`. */
export function copyHome(
  home: string | undefined,
  target: string,
  traces: readonly StepTrace[],
): void {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  if (home === undefined || home === "") return;
  const asked = traces.flatMap(({ calls }) =>
    calls.flatMap(({ about, detail }) =>
      detail !== null && (about === "read" || about === "look") ? [detail] : [],
    ),
  );
  const below = asked
    .map((file) => path.relative(home, file))
    .filter((name) => name !== "" && !name.startsWith("..") && !path.isAbsolute(name));
  for (const name of new Set([...startUp, ...below])) {
    const from = path.join(home, name);
    const found = existsSync(from) ? statSync(from) : undefined;
    if (found?.isFile() && found.size <= mostBytes)
      cpSync(from, path.join(target, name), { recursive: true, preserveTimestamps: true });
  }
}
