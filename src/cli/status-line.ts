/** The line at the bottom of a terminal that tells what runs now; it is gone when the text above it grows. */
import { widthOf } from "../source/width.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** Milliseconds between two pictures. */
const interval = 100;

export interface StatusLine {
  /** Shows `what` and its seconds until `end`. */
  readonly begin: (what: string) => void;
  /** Shows this beside it. */
  readonly note: (text: string) => void;
  /** Removes the line; it comes back with the next picture. */
  readonly clear: () => void;
  readonly end: () => void;
}

/** Draws only when `canDraw` says that the cursor stands at the begin of a line. */
export function openStatusLine(canDraw: () => boolean): StatusLine {
  let timer: NodeJS.Timeout | undefined;
  let shown = false;
  let note = "";
  const clear = (): void => {
    if (shown) process.stdout.write("\r\x1b[K");
    shown = false;
  };
  return {
    begin(what) {
      const started = Date.now();
      note = "";
      clearInterval(timer);
      timer = setInterval(() => {
        if (!canDraw()) return;
        const milliseconds = Date.now() - started;
        const frame = frames[Math.floor(milliseconds / interval) % frames.length];
        const text = `${frame} ${what}  ${(milliseconds / 1000).toFixed(1)} s  ${note}`.trimEnd();
        process.stdout.write(`\r\x1b[K${fit(text, (process.stdout.columns || 80) - 1)}`);
        shown = true;
      }, interval);
    },
    note(text) {
      note = text;
    },
    clear,
    end() {
      clearInterval(timer);
      clear();
    },
  };
}

/** Cut so that it takes at most so many columns: a line that wraps could not be removed. */
function fit(text: string, columns: number): string {
  let shown = text;
  while (widthOf(shown) > columns) shown = [...shown].slice(0, -1).join("");
  return shown;
}
