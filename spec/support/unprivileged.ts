/** What a file's permissions forbid is forbidden to the superuser's tests too: nothing is skipped where CI is root. */

const isRoot = process.getuid?.() === 0;
/** The user "nobody" of Linux. */
const nobody = 65_534;

/**
 * The command as words that run it without the power to pass over permissions. The superuser stays the owner of its files,
 * so folders that only root may enter can still be entered.
 */
export function unprivileged(command: readonly string[]): readonly [string, ...string[]] {
  const without = "--bounding-set=-dac_override,-dac_read_search";
  const [file = "", ...words] = command;
  return isRoot ? ["setpriv", without, file, ...words] : [file, ...words];
}

/** Does `work` in this process as a user without privileges; nothing else of the process may run meanwhile. */
export async function asNobody<T>(work: () => T | Promise<T>): Promise<T> {
  if (!isRoot) return work();
  process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
