/** What a test is told of a replay. */
import type { Judged } from "./judge-laws.ts";
import { printReplay } from "./repro/replay/print-replay.ts";
import type { Replay } from "./repro/replay/replay.ts";

export function judgeReplay(replay: Replay): Judged {
  const told = printReplay(replay, { colour: false, width: 100 });
  switch (replay.verdict) {
    case "IDENTICAL":
    case "EQUIVALENT":
      return { kind: "held", told: replay.notes.map((note) => `${note}\n`).join("") };
    case "DIFFERENT":
      return { kind: "broken", told };
    case "UNDECIDED":
      return { kind: "unknown", told };
    default:
      return replay.verdict satisfies never;
  }
}
