/** `mlpipe server`: an MLflow-compatible tracking server over an embedded store, until a signal ends it. */
import { openTracking } from "../../tracking/open.ts";
import { openServer } from "../../tracking/server/open-server.ts";
import { TrackingError } from "../../tracking/tracking.ts";
import { exitCodes } from "../exit.ts";
import { readServerSettings, rewordFailure, type ServerCommand } from "../server-settings.ts";
import { abortOnSignals } from "../signals.ts";
import { complain, write } from "../terminal.ts";

/** Options that are not given are taken from MLflow's variables, then have MLflow's values. */
export async function serve(options: ServerCommand, env = process.env): Promise<number> {
  const { storeUri, artifacts, ...settings } = readServerSettings(options, env);
  const tracking = await openTracking(storeUri, { artifacts });
  try {
    const signal = abortOnSignals();
    const server = await openServer({ tracking, ...settings, log: explain }).catch(rewordFailure);
    write(`mlpipe server at ${server.url}\n`);
    await untilAborted(signal);
    await server.close();
  } finally {
    await tracking.close();
  }
  return exitCodes.done;
}

function explain(cause: unknown): void {
  if (cause instanceof TrackingError) complain(cause.message, cause.fix);
  else
    complain(
      `internal error, please report: ${cause instanceof Error ? cause.stack : String(cause)}`,
    );
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
