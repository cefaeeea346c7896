/** Whether the code of a run reads one of its params. */
import type { Session } from "./session.ts";

export interface Reading {
  /** False too where it only may be: the code asks for the command line, and names it. */
  readonly isRead: boolean;
  readonly asksCommandLine: boolean;
}

/** In the execution with the usual values; what was never reached is taken to be read. */
export async function readingOf(session: Session, name: string): Promise<Reading> {
  const { traces } = await session.traced();
  const uses = traces.flatMap(({ given }) =>
    given.filter((one) => one.kind === "param" && one.name === name),
  );
  const isSeen = traces.length > 0 && traces.every(({ complete }) => complete);
  return {
    isRead: !isSeen || uses.some(({ read, guessed }) => read && !guessed),
    asksCommandLine: uses.some(({ guessed }) => guessed),
  };
}
