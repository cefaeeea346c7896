/** SIGINT and SIGTERM as an AbortSignal. */

/** Aborts with the signal's name as reason; a second signal ends this process at once, as the shell expects. */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.on(name, () => {
      if (!controller.signal.aborted) controller.abort(name);
    });
  return controller.signal;
}
