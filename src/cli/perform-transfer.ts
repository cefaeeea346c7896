/** What `push` and `import` have in common: two ends are opened, one is copied to the other, and it is shown. */
import { withoutLogin } from "../project/address.ts";
import { copyAll } from "../tracking/transfer/copy.ts";
import type { Listener, Summary } from "../tracking/transfer/event.ts";
import { openSource } from "../tracking/transfer/open-source.ts";
import { openTarget } from "../tracking/transfer/open-target.ts";
import { startTally } from "../tracking/transfer/tally.ts";
import { CommandFailed, exitCodes } from "./exit.ts";

export interface TransferCommand {
  readonly experimentName?: string;
  readonly run?: readonly string[];
  readonly dryRun?: boolean;
  readonly artifactsFrom?: readonly string[];
  readonly json?: boolean;
}

export interface Route {
  /** As `openSource` reads it. */
  readonly from: string;
  /** A tracking URI; undefined: `mlflow.db` in the current folder. */
  readonly to: string | undefined;
  /** The store is the user's own: its artifacts may be anywhere. */
  readonly isOwn?: boolean;
}

/** Rejects with TrackingError when an end fails; what fails alone is told to the listener and counted in the summary. */
export async function transfer(
  { from, to, isOwn = false }: Route,
  options: TransferCommand,
  listener: Listener,
): Promise<Summary> {
  const folder = process.cwd();
  const environment = process.env;
  const isRehearsal = options.dryRun ?? false;
  const tally = startTally(listener);
  const { artifactsFrom = [] } = options;
  const reading = { folder, environment, report: tally.report, artifactsFrom, isOwn };
  const source = await openSource(from, reading);
  try {
    const { target, identity } = await openTarget(to, { folder, environment, isRehearsal });
    try {
      if (identity === source.identity)
        throw new CommandFailed(
          `${withoutLogin(from)} is where the runs would go`,
          "name another place",
        );
      const selection = { experiment: options.experimentName, runs: options.run };
      return await copyAll({ source, target }, { ...selection, isRehearsal }, tally);
    } finally {
      await target.tracking.close();
    }
  } finally {
    await source.close();
  }
}

/** What could not be brought over makes the command fail, though all else is there. */
export function exitCodeOf({ problems }: Summary): number {
  return problems === 0 ? exitCodes.done : exitCodes.failed;
}
