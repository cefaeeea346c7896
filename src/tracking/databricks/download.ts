/** One file out of the cloud store of a workspace. */
import { isSuccess, readAnswer, receive } from "../client-file.ts";
import { openTransfer, type Connection } from "../client-http.ts";
import type { ArtifactFile } from "../entities.ts";
import { retry, type Attempt, type Budget } from "../retry.ts";
import { openLease } from "./grants.ts";
import { judge, withLease, type Grant } from "./store.ts";
import type { Clients } from "./upload.ts";

/** `target` is overwritten: the caller makes it visible when it is whole. */
export async function downloadSigned(
  { workspace, store }: Clients,
  owner: string,
  entry: ArtifactFile,
  target: string,
): Promise<void> {
  const lease = await openLease(workspace, "read", { owner, path: entry.path });
  await retry(store.patience, store.surroundings, (budget) =>
    withLease(lease, budget, (grant) => get(store.connection, grant, { entry, target }, budget)),
  );
}

async function get(
  connection: Connection,
  grant: Grant,
  wanted: { readonly entry: ArtifactFile; readonly target: string },
  budget: Budget,
): Promise<Attempt<void>> {
  const { url, headers } = grant;
  const outgoing = { method: "GET", url, headers } as const;
  const opened = await openTransfer(connection, outgoing, budget);
  if (opened.kind === "failed") return opened;
  if (isSuccess(opened.value)) return receive(connection, { url, ...wanted }, opened.value, budget);
  const said = await readAnswer(connection, url, opened.value);
  if (said.kind === "failed") return said;
  const judged = judge(said.value, grant);
  return judged.kind === "failed" ? judged : { kind: "done", value: undefined };
}
