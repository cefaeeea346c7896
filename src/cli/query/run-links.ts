/** Addresses at which a browser shows a run and its artifacts. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ComparedRun } from "../../run/ranking/compared-run.ts";
import type { Tracking } from "../../tracking/tracking.ts";

export interface RunLinks {
  readonly run?: string;
  readonly artifacts?: string;
  /** Where the artifacts are, in words; empty where there are none. */
  readonly place: string;
}

/** Milliseconds for a server to show whether it has pages for people. */
const patience = 3000;

/** What makes the links of a run; those that nobody could open are left out. */
export async function linksOf(
  tracking: Pick<Tracking, "uri" | "address">,
): Promise<(run: ComparedRun) => RunLinks> {
  const page = await pagesOf(tracking);
  return (run) => {
    const folder = localFolder(run.artifactUri);
    const own = page?.(run);
    const artifacts = folder === undefined ? own && `${own}/artifacts` : addressOf(folder);
    return {
      ...(own !== undefined && { run: own }),
      ...(artifacts !== undefined && { artifacts }),
      place: folder === undefined || artifacts !== undefined ? run.artifactUri : "",
    };
  };
}

/** Undefined for a store, and for a server without pages, such as mlpipe's own. */
async function pagesOf({
  uri,
  address,
}: Pick<Tracking, "uri" | "address">): Promise<((run: ComparedRun) => string) | undefined> {
  const place = ({ experimentId, id }: ComparedRun): string =>
    `experiments/${encodeURIComponent(experimentId)}/runs/${encodeURIComponent(id)}`;
  if (address !== undefined) return (run) => `${address}/ml/${place(run)}`;
  const isServer = /^https?:/.test(uri) && (await hasPages(uri));
  return isServer ? (run) => `${uri.replace(/\/+$/, "")}/#/${place(run)}` : undefined;
}

async function hasPages(uri: string): Promise<boolean> {
  try {
    const answer = await fetch(uri, { signal: AbortSignal.timeout(patience) });
    await answer.body?.cancel();
    return answer.ok && (answer.headers.get("content-type") ?? "").startsWith("text/html");
  } catch {
    // Whatever keeps this process from the page, a login or a proxy, there is no address to promise.
    return false;
  }
}

/** Undefined where nothing was ever written. */
function addressOf(folder: string): string | undefined {
  return existsSync(folder) ? pathToFileURL(folder).href : undefined;
}

/** The folder of this machine that a URI names; undefined for what lies elsewhere. */
function localFolder(uri: string): string | undefined {
  if (path.isAbsolute(uri)) return uri;
  return /^file:\/\/\/[^/]/.test(uri) && URL.canParse(uri) ? fileURLToPath(uri) : undefined;
}
