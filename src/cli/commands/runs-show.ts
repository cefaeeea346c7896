/** `mlpipe runs show`: all that a tracker knows of one run. */
import { openTracking } from "../../tracking/open.ts";
import { exitCodes } from "../exit.ts";
import { jsonText } from "../json.ts";
import { printRun } from "../query/print-run.ts";
import { type RunDetails, readDetails } from "../query/run-details.ts";
import { findRun } from "../query/run-lookup.ts";
import { ownScreen } from "../query/screen.ts";
import { write } from "../terminal.ts";

interface ShowOptions {
  readonly trackingUri?: string;
  readonly json?: boolean;
}

export async function showRun(word: string, options: ShowOptions): Promise<number> {
  const uri = options.trackingUri ?? process.env.MLFLOW_TRACKING_URI;
  const tracking = await openTracking(uri, { lookOnly: true });
  try {
    const details = await readDetails(tracking, await findRun(tracking, word));
    write(options.json ? jsonText(detailsToJson(details)) : printRun(details, ownScreen()));
    return exitCodes.done;
  } finally {
    await tracking.close();
  }
}

function detailsToJson(details: RunDetails): object {
  const { run, experiment, histories, models, artifacts, artifactTrouble } = details;
  return {
    ...run,
    experiment,
    histories: Object.fromEntries(histories),
    models,
    artifacts: artifacts.entries,
    artifacts_not_listed: artifactTrouble ?? artifacts.unopened,
  };
}
