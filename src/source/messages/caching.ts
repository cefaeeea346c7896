/** R0860…: what the cache of steps says while a run runs. */
import { message } from "../message.ts";

const noSample = { wrong: undefined, right: undefined } as const;

export const cachingMessages = {
  R0860: message<{ step: string }>({
    severity: "warning",
    title: "damaged entry in the cache",
    say: ({ step }) =>
      `what the cache had of the step \`${step}\` is damaged; it is removed and not used`,
    fix: () =>
      "nothing: the step runs, or another entry is used; if this comes again, check the disk",
    page: "Everything in `.mlpipe/cache` is checked by its digest each time it is read. What does not fit, because a disk or a process failed while it was written, or because somebody changed it, is never used: it is removed, and the step runs as if it had not been there.",
    ...noSample,
  }),
  R0861: message<{ step: string; reason: string }>({
    severity: "warning",
    title: "result not kept in the cache",
    say: ({ step, reason }) => `the result of the step \`${step}\` cannot be kept: ${reason}`,
    fix: () =>
      "make `.mlpipe/cache` in the project's folder writable, with room on its disk, or run with --no-cache",
    page: "The step did well and its result is logged. Only the copy for the next time could not be written below `.mlpipe/cache`, so the step will run again.",
    ...noSample,
  }),
} as const;
