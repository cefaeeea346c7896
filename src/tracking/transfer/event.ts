/** All that happens while one place is copied to another. Displays only read it. */
import type { Problem } from "./source.ts";

/** `left`: it is deleted at the target, and stays so. */
export type Outcome = "new" | "updated" | "unchanged" | "left";
export type Counts = Readonly<Record<Outcome, number>>;

export type Copied = "run" | "logged model" | "model version";

export type TransferEvent =
  | {
      readonly kind: "copied";
      readonly what: Copied;
      /** As its source has it. */
      readonly id: string;
      readonly name: string;
      /** Absent where nothing was made, in a rehearsal. */
      readonly targetId?: string;
      readonly outcome: Outcome;
      /** Of artifacts. */
      readonly bytes: number;
    }
  /** It could not be brought over, or not all of it. */
  | ({ readonly kind: "problem" } & Problem)
  /** It is otherwise at the target, and stays so. */
  | ({ readonly kind: "note" } & Problem)
  | ({ readonly kind: "ended" } & Summary);

export interface Summary {
  readonly counts: Readonly<Record<Copied, Counts>>;
  readonly bytes: number;
  readonly problems: number;
}

export type Listener = (event: TransferEvent) => void;
