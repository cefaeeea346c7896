/** `mlpipe push`: brings what was logged here to a server, once, however often it is repeated. */
import { withoutLogin } from "../../project/address.ts";
import type { TrackedRun } from "../../tracking/entities.ts";
import { listWaiting, release } from "../../tracking/offline/waiting.ts";
import { openTracking } from "../../tracking/open.ts";
import { readTrackingUri } from "../../tracking/tracking-uri.ts";
import { TrackingError, type Tracking } from "../../tracking/tracking.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { exitCodeOf, transfer, type TransferCommand } from "../perform-transfer.ts";
import { complain, write } from "../terminal.ts";
import { showTransfer } from "../transfer-display.ts";

interface PushOptions extends TransferCommand {
  readonly trackingUri?: string;
}

/** Without an address: runs that wait for a server go to that server. */
export async function push(address: string | undefined, options: PushOptions): Promise<number> {
  return address === undefined ? pushWaiting(options) : pushTo(address, options);
}

async function pushTo(address: string, options: PushOptions): Promise<number> {
  const display = showTransfer(`pushing to ${withoutLogin(address)}`, options);
  try {
    const route = { from: localStore(options), to: address, isOwn: true };
    return exitCodeOf(await transfer(route, options, display.show));
  } finally {
    display.end();
  }
}

/** The store that a run without a server is logged to. */
function localStore({ trackingUri }: PushOptions): string {
  const named = trackingUri ?? (process.env.MLFLOW_TRACKING_URI || undefined);
  if (named !== undefined && readTrackingUri(named, process.cwd()).kind === "store") return named;
  if (trackingUri === undefined) return "sqlite:///mlflow.db";
  throw new CommandFailed(
    `--tracking-uri ${withoutLogin(trackingUri)} is no store of this machine`,
    "write sqlite:///name.db, or import from there",
  );
}

/** A server that is still away does not keep the runs of another from it. */
async function pushWaiting(options: PushOptions): Promise<number> {
  const store = await openTracking(localStore(options), { lookOnly: true });
  try {
    const waiting = await listWaiting(store);
    if (waiting.size === 0 && options.json !== true)
      write("no run waits for a server; to push all: mlpipe push ADDRESS\n");
    let exitCode: number = exitCodes.done;
    for (const [server, runs] of waiting) {
      const ended = await tryPush(server, runs, store, options);
      if (ended !== exitCodes.done) exitCode = ended;
    }
    return exitCode;
  } finally {
    await store.close();
  }
}

async function tryPush(
  server: string,
  runs: readonly TrackedRun[],
  store: Tracking,
  options: PushOptions,
): Promise<number> {
  const { run: named } = options;
  const chosen = runs.filter(({ info }) => named === undefined || named.includes(info.run_id));
  if (chosen.length === 0) return exitCodes.done;
  try {
    const ids = chosen.map(({ info }) => info.run_id);
    const exitCode = await pushTo(server, { ...options, run: ids });
    if (exitCode === exitCodes.done && options.dryRun !== true) await release(store, chosen);
    return exitCode;
  } catch (error) {
    if (!(error instanceof TrackingError)) throw error;
    complain(error.message, error.fix);
    return exitCodes.failed;
  }
}
