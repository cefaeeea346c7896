/** From a tracking URI to a tracker, whichever kind it names. */
import { existsSync } from "node:fs";
import type { ArtifactPlaces } from "./store/artifact-place.ts";
import { TrackingError, type Tracking } from "./tracking.ts";
import { readTrackingUri } from "./tracking-uri.ts";

export interface OpenOptions {
  /** Where relative files count from and where artifacts land below; absent: the current folder. */
  readonly folder?: string;
  /** Settings of a server's client, as in MLflow, and how long a call may wait; absent: this process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where a store's artifacts go; absent: below the folder, where a local MLflow puts them. */
  readonly artifacts?: Omit<ArtifactPlaces, "folder">;
  /** For those who only read: a store that is not there is empty, and no file is made. */
  readonly lookOnly?: boolean;
}

/** Opens the tracker that `uri` names (none: `mlflow.db` in the folder). Rejects with TrackingError when it is unusable. */
export async function openTracking(
  uri: string | undefined,
  options: OpenOptions = {},
): Promise<Tracking> {
  const folder = options.folder ?? process.cwd();
  const place = readTrackingUri(uri, folder);
  switch (place.kind) {
    case "store": {
      const { openStore } = await import("./store/open-store.ts");
      const isImagined = options.lookOnly === true && !existsSync(place.file);
      return openStore(isImagined ? ":memory:" : place.file, {
        uri: place.uri,
        ...options.artifacts,
        folder,
        ...patienceFrom(options.environment ?? process.env),
      });
    }
    case "server": {
      const { openClient } = await import("./client.ts");
      return openClient(place.uri, options.environment ?? process.env);
    }
    case "databricks": {
      const { openDatabricks } = await import("./databricks/open-databricks.ts");
      return openDatabricks(place, options.environment ?? process.env);
    }
    default: {
      const never: never = place;
      throw new TrackingError("INTERNAL_ERROR", `no tracker for ${JSON.stringify(never)}`);
    }
  }
}

/** MLPIPE_TRACKING_TIMEOUT, in seconds, is for the store how long it waits for other programs that write the file. */
function patienceFrom(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly patience: number } | undefined {
  const seconds = Number(environment["MLPIPE_TRACKING_TIMEOUT"] || Number.NaN);
  return seconds > 0 ? { patience: seconds * 1000 } : undefined;
}
