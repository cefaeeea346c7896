/** `mlpipe import`: brings what a folder, a database or a server holds into this folder's store. */
import { withoutLogin } from "../../project/address.ts";
import { exitCodeOf, transfer, type TransferCommand } from "../perform-transfer.ts";
import { showTransfer } from "../transfer-display.ts";

interface ImportOptions extends TransferCommand {
  readonly trackingUri?: string;
}

/** The store is `mlflow.db` here whatever MLFLOW_TRACKING_URI says: that may well be where the runs come from. */
export async function importRuns(from: string, options: ImportOptions): Promise<number> {
  const display = showTransfer(`importing ${withoutLogin(from)}`, options);
  try {
    const route = { from, to: options.trackingUri };
    return exitCodeOf(await transfer(route, options, display.show));
  } finally {
    display.end();
  }
}
