/** A small watcher outside this process: when the runner is killed outright, it ends the process groups of the steps. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";

/**
 * Hears `add GROUP` and `drop GROUP`, a line each. When the runner's end of the pipe closes, the groups that are left are
 * those of a runner that has gone without a word.
 */
const script = `
groups=" "
while read -r word group; do
  case $word in
    add) groups="$groups$group " ;;
    drop) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -KILL "-$group"; done
`;

const guarded = new Set<number>();
let guard: ChildProcess | undefined;

/**
 * Guards the group against the sudden death of this process (SIGKILL, a crash), of which it can tell nobody. Call the
 * answer when the group has ended. Where there is no `sh`, nothing is guarded.
 */
export function guardGroup(group: number): () => void {
  if (process.platform === "win32") return () => {};
  guarded.add(group);
  if (guard) tell(`add ${group}\n`);
  else guard = startGuard();
  return () => {
    guarded.delete(group);
    tell(`drop ${group}\n`);
  };
}

function tell(line: string): void {
  guard?.stdin?.write(line);
}

/** One for all groups; one that has died itself is replaced with the next group. */
function startGuard(): ChildProcess {
  const started = spawn("sh", ["-c", script, "mlpipe-guard"], {
    cwd: "/",
    env: { PATH: process.env.PATH },
    // A group of its own: Ctrl-C reaches the terminal's group, and must not end the guard first.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const forget = (): void => {
    if (guard === started) guard = undefined;
  };
  started.on("error", forget);
  started.on("exit", forget);
  started.stdin?.on("error", forget);
  // Neither the guard nor the pipe to it keeps this process from ending.
  started.unref();
  (started.stdin as Socket | null)?.unref();
  started.stdin?.write([...guarded].map((group) => `add ${group}\n`).join(""));
  return started;
}
