/** The folder that a session of R has among the temporary files: it removes it itself, unless it is killed. */
import { rmSync } from "node:fs";
import path from "node:path";

/** Takes the folder `name` of a session that is over away, wherever R has put it; any other name says nothing. */
export function removeSession(name: string, env: NodeJS.ProcessEnv): void {
  if (!/^Rtmp[A-Za-z0-9]+$/.test(name)) return;
  const places = [env["TMPDIR"], env["TMP"], env["TEMP"], "/tmp"];
  for (const place of places)
    try {
      if (place) rmSync(path.join(place, name), { recursive: true, force: true });
    } catch {
      // The step has left there what its user may not remove: no reason to fail.
    }
}
