/** A small watcher outside this process: when the runner is killed outright, it ends the process group of the step. */
import { type ChildProcess, spawn } from "node:child_process";

/** Waits for a line; when the runner's end of the pipe closes without one, the runner has gone. */
const script = 'read -r released || kill -KILL "-$1"';

/**
 * Guards the group against the sudden death of this process (SIGKILL, a crash), of which it can tell nobody. Call the
 * answer when the group has ended. Where there is no `sh`, nothing is guarded.
 */
export function guardGroup(group: number): () => void {
  if (process.platform === "win32") return () => {};
  const guard: ChildProcess = spawn("sh", ["-c", script, "mlpipe-guard", String(group)], {
    cwd: "/",
    env: { PATH: process.env.PATH },
    // A group of its own: Ctrl-C reaches the terminal's group, and must not end the guard first.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.on("error", () => {});
  guard.stdin?.on("error", () => {});
  guard.unref();
  return () => void guard.stdin?.end("released\n");
}
