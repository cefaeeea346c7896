/** Asking a workspace for an address in its cloud store, signed for one artifact. */
import { isModelId } from "../artifact-owner.ts";
import { callEndpoint } from "../client-call.ts";
import { fail } from "../client-failure.ts";
import type { Client, Connection } from "../client-http.ts";
import { retry, type Attempt, type Budget } from "../retry.ts";
import { TrackingError } from "../tracking.ts";
import { grantCalls, type GrantInfo } from "./calls.ts";
import { readGrant, type Grant, type Lease } from "./store.ts";

/** Its path counts from the artifact root of its owner, a run or a logged model. */
export interface Artifact {
  readonly owner: string;
  readonly path: string;
}

export async function openLease(
  workspace: Client,
  purpose: "read" | "write",
  artifact: Artifact,
): Promise<Lease> {
  const renew = async (budget: Budget): Promise<Attempt<Grant>> => {
    const { connection } = workspace;
    const { origin } = connection.settings;
    const infos = await askInfos(connection, purpose, artifact, budget);
    if (infos.kind === "failed") return infos;
    const [info] = infos.value;
    if (info !== undefined) return readGrant(info, origin);
    const message = `${origin} gives no address for artifact ${artifact.path}`;
    return fail(new TrackingError("NOT_MLFLOW", message));
  };
  return { grant: await retry(workspace.patience, workspace.surroundings, renew), renew };
}

async function askInfos(
  connection: Connection,
  purpose: "read" | "write",
  { owner, path }: Artifact,
  budget: Budget,
): Promise<Attempt<readonly GrantInfo[]>> {
  if (!isModelId(owner)) {
    const request = { run_id: owner, path: [path] };
    const asked = await callEndpoint(connection, grantCalls.run[purpose], request, budget);
    return asked.kind === "failed" ? asked : done(asked.value.credential_infos);
  }
  const request = { model_id: owner, paths: [path] };
  const asked = await callEndpoint(connection, grantCalls.model[purpose], request, budget);
  if (asked.kind === "failed") return asked;
  return done(asked.value.credentials.map(({ credential_info }) => credential_info));
}

function done<T>(value: T): Attempt<T> {
  return { kind: "done", value };
}
