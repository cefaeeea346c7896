/** `mlpipe push`: brings what was logged here to a server, once, however often it is repeated. */
import { readTrackingUri } from "../../tracking/tracking-uri.ts";
import { CommandFailed } from "../exit.ts";
import { exitCodeOf, transfer, type TransferCommand } from "../perform-transfer.ts";
import { showTransfer } from "../transfer-display.ts";

interface PushOptions extends TransferCommand {
  readonly trackingUri?: string;
}

export async function push(address: string, options: PushOptions): Promise<number> {
  const display = showTransfer(`pushing to ${address}`, options);
  try {
    const route = { from: localStore(options), to: address, isOwn: true };
    return exitCodeOf(await transfer(route, options, display.show));
  } finally {
    display.end();
  }
}

/** The store that a run without a server is logged to. */
function localStore({ trackingUri }: PushOptions): string {
  const named = trackingUri ?? process.env.MLFLOW_TRACKING_URI;
  if (named !== undefined && readTrackingUri(named, process.cwd()).kind === "store") return named;
  if (trackingUri === undefined) return "sqlite:///mlflow.db";
  throw new CommandFailed(
    `--tracking-uri ${trackingUri} is no store of this machine`,
    "write sqlite:///name.db, or import from there",
  );
}
