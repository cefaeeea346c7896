/** `mlflow server` as clients start it by themselves: {mlflow} in R does, for a folder, where no tracking URI is set. */
import { serve } from "../commands/server.ts";
import type { ServerCommand } from "../server-settings.ts";
import { storeUri } from "./tracking-uri.ts";

/** Serves until a signal ends it. */
export async function serveFolder(options: ServerCommand): Promise<void> {
  const { backendStoreUri } = options;
  await serve(
    backendStoreUri === undefined
      ? options
      : { ...options, backendStoreUri: storeUri(backendStoreUri) },
  );
}
