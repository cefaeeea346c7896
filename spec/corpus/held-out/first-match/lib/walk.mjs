import { opendir } from "node:fs/promises";
import path from "node:path";

export async function* walk(folder) {
  for await (const entry of await opendir(folder)) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(place);
    else yield place;
  }
}
