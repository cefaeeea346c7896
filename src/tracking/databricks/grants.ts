/** Asking a workspace for an address in its cloud store, signed for one artifact of a run. */
import { fail } from "../client-failure.ts";
import type { Client, Connection } from "../client-http.ts";
import { retry, type Attempt, type Budget } from "../retry.ts";
import { TrackingError } from "../tracking.ts";
import { ask } from "./calls.ts";
import { readGrant, type Grant, type Lease } from "./store.ts";

/** An artifact's path counts from the run's artifact root. */
export interface Artifact {
  readonly runId: string;
  readonly path: string;
}

export async function openLease(
  workspace: Client,
  purpose: "read" | "write",
  artifact: Artifact,
): Promise<Lease> {
  const renew: Lease["renew"] = (budget) =>
    askGrant(workspace.connection, purpose, artifact, budget);
  return { grant: await retry(workspace.patience, workspace.surroundings, renew), renew };
}

async function askGrant(
  connection: Connection,
  purpose: "read" | "write",
  { runId, path }: Artifact,
  budget: Budget,
): Promise<Attempt<Grant>> {
  const request = { run_id: runId, path: [path] };
  const asked = await ask(connection, `credentials-for-${purpose}`, request, budget);
  if (asked.kind === "failed") return asked;
  const [info] = asked.value.credential_infos;
  const { origin } = connection.settings;
  if (info !== undefined) return readGrant(info, origin);
  return fail(new TrackingError("NOT_MLFLOW", `${origin} gives no address for artifact ${path}`));
}
