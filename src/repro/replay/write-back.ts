/** The verdict of a replay, kept with the run that the replay has made. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { longestValue } from "../../check/tags.ts";
import type { KeyValue } from "../../tracking/entities.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import type { Replay } from "./replay.ts";

/** `folder`: made, for the file that is sent. */
export async function writeBack(replay: Replay, folder: string, tracking: Tracking): Promise<void> {
  const { replayId: run_id, verdict, guilty } = replay;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, "replay.json");
  writeFileSync(file, replayToJson(replay));
  await tracking.upload(run_id, file, "mlpipe/replay.json");
  const cause = causeOf(replay);
  const tags = [
    tag("mlpipe.verdict", verdict),
    ...(guilty.length > 0 ? [tag("mlpipe.differing_steps", guilty.join(", "))] : []),
    ...(cause === undefined ? [] : [tag("mlpipe.cause", cause)]),
  ];
  await tracking.call("runs/log-batch", { run_id, tags });
}

/** The first that was found, else what is likeliest. */
function causeOf({ diagnosis, suspects: [likeliest] }: Replay): string | undefined {
  const [found] = diagnosis?.findings ?? [];
  if (!found) return likeliest && `${likeliest.cause}: ${likeliest.why}`;
  const place = found.place ? ` at ${found.place.file}:${found.place.line}` : "";
  return `${found.cause}${place}: ${found.reason}`;
}

function tag(key: string, value: string): KeyValue {
  return { key, value: value.slice(0, longestValue) };
}

/** Numbers that JSON cannot hold are their names as text. */
export function replayToJson(replay: Replay): string {
  const keep = (_: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify(replay, keep, 1)}\n`;
}
