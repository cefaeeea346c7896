/** From a tracking URI to where runs may go. */
import { existsSync, realpathSync } from "node:fs";
import { openTracking } from "../open.ts";
import { openStore } from "../store/open-store.ts";
import { readTrackingUri } from "../tracking-uri.ts";
import { identify, identifyServer } from "./identity.ts";
import { serverTarget, storeTarget, type Target } from "./target.ts";

export interface TargetOptions {
  /** Where relative files count from, and where artifacts land below. */
  readonly folder: string;
  /** Settings of a server's client. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** No file is made: a store that is not there is empty. */
  readonly isRehearsal: boolean;
}

export interface OpenTarget {
  readonly target: Target;
  /** As the identity of a source. */
  readonly identity: string;
}

/** Rejects with TrackingError when it is unusable; nobody has asked yet whether a server is there. */
export async function openTarget(
  uri: string | undefined,
  { folder, environment, isRehearsal }: TargetOptions,
): Promise<OpenTarget> {
  const place = readTrackingUri(uri, folder);
  if (place.kind !== "store") {
    const tracking = await openTracking(uri, { folder, environment });
    return {
      target: serverTarget(tracking),
      identity: identifyServer(tracking.address ?? tracking.uri),
    };
  }
  const isThere = existsSync(place.file);
  const file = isRehearsal && !isThere ? ":memory:" : place.file;
  const store = await openStore(file, { uri: place.uri, folder });
  const path = isThere ? realpathSync(place.file) : place.file;
  return { target: storeTarget(store), identity: identify(path) };
}
