/** Copies between places for tests, with all that is told of it. */
import { copyAll, type CopyOptions } from "../../src/tracking/transfer/copy.ts";
import type { Summary, TransferEvent } from "../../src/tracking/transfer/event.ts";
import { openSource } from "../../src/tracking/transfer/open-source.ts";
import { openTarget } from "../../src/tracking/transfer/open-target.ts";
import type { Source } from "../../src/tracking/transfer/source.ts";
import { startTally } from "../../src/tracking/transfer/tally.ts";
import type { Target } from "../../src/tracking/transfer/target.ts";
import { takeStock } from "./stock.ts";

export interface Transferred extends Summary {
  readonly events: readonly TransferEvent[];
  /** What was told of problems and notes. */
  readonly told: readonly string[];
}

/** Places as the user names them; `folder` is where a store's artifacts land. */
export interface Places {
  readonly from: string;
  readonly to: string;
  readonly folder: string;
  /** Stands between the copying and the target. */
  readonly harm?: (target: Target) => Target;
}

export async function transfer(
  { from, to, folder, harm = (target) => target }: Places,
  options: CopyOptions = {},
): Promise<Transferred> {
  const events: TransferEvent[] = [];
  const tally = startTally((event) => void events.push(event));
  const reading = { folder, environment: {}, report: tally.report };
  const source = await openSource(from, reading);
  const { target } = await openTarget(to, {
    ...reading,
    isRehearsal: options.isRehearsal ?? false,
  });
  try {
    const summary = await copyAll({ source, target: harm(target) }, options, tally);
    const told = events.flatMap((event) =>
      event.kind === "problem" || event.kind === "note" ? [`${event.place}: ${event.message}`] : [],
    );
    return { ...summary, events, told };
  } finally {
    await source.close();
    await target.tracking.close();
  }
}

/** What a place holds; see `takeStock`. */
export async function stockOf(place: string, folder: string): Promise<Record<string, unknown>> {
  const problems: string[] = [];
  const source: Source = await openSource(place, {
    folder,
    environment: {},
    report: (problem) => void problems.push(`${problem.place}: ${problem.message}`),
  });
  try {
    const stock = await takeStock(source);
    return problems.length === 0 ? stock : { ...stock, problems };
  } finally {
    await source.close();
  }
}

export const nothing = { new: 0, updated: 0, unchanged: 0, left: 0 } as const;
