/** Which of the tasks that need one another may start now; order comes from their needs alone. */

export interface Task {
  readonly name: string;
  /** Names of tasks that must have done well before. */
  readonly needs: readonly string[];
  /** Names of tasks that must have ended before, however. */
  readonly after: readonly string[];
}
/** `cancelled`: it was never started, since a task that it needs, or that such a one needs, has failed. */
export type TaskEnd = "done" | "failed" | "cancelled";

export interface Scheduling {
  /** True: the task did well. Called once for each task whose needs are met. Must not reject. */
  readonly perform: (name: string) => Promise<boolean>;
  /** Called for a task that will not be started, with the failed task that is in its way. */
  readonly cancel: (name: string, because: string) => void;
}

/**
 * Performs every task as soon as what it needs is done; those that are ready at once start in the order of `tasks`. A failed
 * task cancels what needs it, however indirectly, and nothing else. Resolves when all have ended, to how each did.
 */
export async function schedule(
  tasks: readonly Task[],
  { perform, cancel }: Scheduling,
): Promise<ReadonlyMap<string, TaskEnd>> {
  const ends = new Map<string, TaskEnd>();
  const started = new Set<string>();
  const obstacles = new Map<string, string>();
  return new Promise((resolve) => {
    const start = (name: string): void => {
      started.add(name);
      void perform(name).then((isWell) => {
        ends.set(name, isWell ? "done" : "failed");
        if (!isWell) obstacles.set(name, name);
        goOn();
      });
    };
    const goOn = (): void => {
      cancelHopeless(tasks, ends, obstacles, cancel);
      for (const task of tasks)
        if (!started.has(task.name) && !ends.has(task.name) && isReady(task, ends))
          start(task.name);
      if (ends.size === tasks.length) resolve(ends);
    };
    goOn();
  });
}

function isReady({ needs, after }: Task, ends: ReadonlyMap<string, TaskEnd>): boolean {
  return needs.every((it) => ends.get(it) === "done") && after.every((it) => ends.has(it));
}

/** In rounds, since what is cancelled cancels in turn. */
function cancelHopeless(
  tasks: readonly Task[],
  ends: Map<string, TaskEnd>,
  obstacles: Map<string, string>,
  cancel: Scheduling["cancel"],
): void {
  for (let found = true; found;) {
    found = false;
    for (const { name, needs } of tasks) {
      const obstacle = needs.map((it) => obstacles.get(it)).find((it) => it !== undefined);
      if (obstacle === undefined || ends.has(name)) continue;
      found = true;
      ends.set(name, "cancelled");
      obstacles.set(name, obstacle);
      cancel(name, obstacle);
    }
  }
}
