/** A tracker for a run that is to be kept whatever becomes of the server. */
import type { EndpointName, RequestOf, ResponseOf } from "../endpoints.ts";
import { openTracking } from "../open.ts";
import { requireAnswer } from "../require-answer.ts";
import type { StoreTracking } from "../store/open-store.ts";
import { readTrackingUri } from "../tracking-uri.ts";
import { TrackingError, type Tracking } from "../tracking.ts";
import { intendedTag } from "../transfer/marks.ts";
import { LastingTracking } from "./lasting-tracking.ts";
import { isDown, type Loss } from "./loss.ts";

export interface LastingOptions {
  /** Where the store is, and artifacts land below. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The id of a run that is at the server already, which therefore has to be there. */
  readonly adopted?: string | undefined;
  /** Told once, when the server is lost. */
  readonly lost: (loss: Loss) => void;
}

const storeUri = "sqlite:///mlflow.db";

/**
 * As `openTracking`; where a server is named and does not answer now, or no longer later, runs go on in `mlflow.db` of the
 * folder, marked with that server's address. A server that answers, but otherwise than it should, is an error as ever.
 */
export async function openLasting(
  uri: string | undefined,
  options: LastingOptions,
): Promise<Tracking> {
  const { folder, environment } = options;
  const server = await openTracking(uri, { folder, environment });
  const place = readTrackingUri(uri, folder);
  // Inside a step the environment names a runner's gateway, and that runner keeps what its own server loses.
  const isInner =
    Boolean(environment["MLPIPE_STEP_RUN"]) && uri === environment["MLFLOW_TRACKING_URI"];
  if (place.kind === "store" || isInner) return server;
  // An http address as it is written may hold a password.
  const address = place.kind === "server" ? server.uri : place.uri;
  const loss = options.adopted === undefined ? await look(server) : undefined;
  const lose = (error: TrackingError, isMidRun: boolean): Promise<StoreTracking> =>
    openInstead({ error, isMidRun, store: storeUri }, options);
  if (loss === undefined)
    return new LastingTracking(server, { address, adopted: options.adopted }, (error) =>
      lose(error, true),
    );
  return markRuns(await lose(loss, false), address);
}

/** Undefined: somebody is there; otherwise the tracker is closed. */
async function look(server: Tracking): Promise<TrackingError | undefined> {
  try {
    await requireAnswer(server);
    return undefined;
  } catch (error) {
    if (isDown(error)) return error;
    throw error;
  }
}

async function openInstead(loss: Loss, { folder, lost }: LastingOptions): Promise<StoreTracking> {
  const { file } = readTrackingUri(storeUri, folder) as { readonly file: string };
  try {
    const { openStore } = await import("../store/open-store.ts");
    const store = await openStore(file, { uri: storeUri, folder });
    lost(loss);
    return store;
  } catch (cause) {
    if (!(cause instanceof TrackingError)) throw cause;
    const { code, fix } = cause;
    const message = `${loss.error.message}; and what was meant for it cannot be kept here: ${cause.message}`;
    throw new TrackingError(code, message, fix, cause);
  }
}

/** Each run that is made says where it was to go. */
function markRuns(store: Tracking, server: string): Tracking {
  const mark = { key: intendedTag, value: server };
  return {
    uri: store.uri,
    call: <E extends EndpointName>(endpoint: E, request: RequestOf<E>): Promise<ResponseOf<E>> => {
      if (endpoint !== "runs/create") return store.call(endpoint, request);
      const { tags = [], ...rest } = request as RequestOf<"runs/create">;
      return store.call(endpoint, { ...rest, tags: [...tags, mark] } as RequestOf<E>);
    },
    upload: (ownerId, localFile, path) => store.upload(ownerId, localFile, path),
    download: (ownerId, path, target) => store.download(ownerId, path, target),
    ...(store.artifacts && { artifacts: store.artifacts }),
    close: () => store.close(),
  };
}
