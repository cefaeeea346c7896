/** Writes that are asked for together are committed together, so that one wait for the disk serves all of them. */
import { setTimeout as delay } from "node:timers/promises";

/** What became of one write of a group that was committed. */
export type Outcome =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "refused"; readonly cause: unknown };

export interface GroupCommitOptions {
  /**
   * Does all of it in one transaction, in order, each undone alone when it throws; when it returns, the rest is on disk.
   * Throws when nothing at all was written.
   */
  readonly commit: (group: readonly (() => unknown)[]) => readonly Outcome[];
  /** Whether what `commit` threw may succeed a moment later. */
  readonly isPassing: (cause: unknown) => boolean;
  /** The error as the caller of `submit` gets it. */
  readonly explain: (cause: unknown) => unknown;
  /** Milliseconds that a write is tried again for. */
  readonly patience: number;
}

interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: unknown) => void;
  readonly deadline: number;
}

/** More would keep the readers waiting; who is not in this group is first in the next. */
const groupSize = 256;

/** The queue of writes: first come, first served. */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #queue: Waiting[] = [];
  #ending: Promise<void> | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Resolves to what `work` returns once it is on disk; rejects when `work` was undone, or the group could not be written. */
  submit<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        work,
        resolve: resolve as (value: unknown) => void,
        reject,
        deadline: performance.now() + this.#options.patience,
      });
      this.#ending ??= this.#drain();
    });
  }

  /** Resolves when every write that was submitted has its answer. */
  async idle(): Promise<void> {
    await this.#ending;
  }

  /** Between two groups the process reads requests, and whoever asks meanwhile joins the next group. */
  async #drain(): Promise<void> {
    await nextTurn();
    while (this.#queue.length > 0) {
      if (this.#commitGroup()) await nextTurn();
      else await pause();
    }
    this.#ending = undefined;
  }

  /** False when the same group should be tried again a moment later. */
  #commitGroup(): boolean {
    const group = this.#queue.slice(0, groupSize);
    const { commit, isPassing, explain } = this.#options;
    try {
      const outcomes = commit(group.map(({ work }) => work));
      this.#queue.splice(0, group.length);
      for (const [at, { resolve, reject }] of group.entries()) {
        const outcome = outcomes[at];
        if (outcome?.kind === "done") resolve(outcome.value);
        else reject(explain(outcome?.cause));
      }
      return true;
    } catch (cause) {
      const now = performance.now();
      const isOver = isPassing(cause) ? ({ deadline }: Waiting) => now > deadline : () => true;
      const over = group.filter(isOver);
      this.#queue = this.#queue.filter((waiting) => !over.includes(waiting));
      for (const { reject } of over) reject(explain(cause));
      return over.length === group.length;
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** So long that another program can finish a transaction, of no fixed length so that two who wait do not meet again and again. */
export async function pause(): Promise<void> {
  await delay(5 + Math.random() * 20);
}
