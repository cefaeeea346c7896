/** The line at the bottom of a terminal that tells what runs now; it is gone when the text above it grows. */
import { widthOf } from "../source/width.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** Milliseconds between two pictures. */
const interval = 100;

export interface StatusLine {
  /** Shows `what` and its seconds until it ends, beside others that run. */
  readonly begin: (what: string) => void;
  /** Shows this behind them. */
  readonly note: (text: string) => void;
  /** Removes the line; it comes back with the next picture. */
  readonly clear: () => void;
  /** `what` has ended; with no word all have. */
  readonly end: (what?: string) => void;
}

/** Draws only when `canDraw` says that the cursor stands at the begin of a line. */
export function openStatusLine(canDraw: () => boolean): StatusLine {
  const running = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let shown = false;
  let note = "";
  const clear = (): void => {
    if (shown) process.stdout.write("\r\x1b[K");
    shown = false;
  };
  const draw = (): void => {
    if (!canDraw()) return;
    const now = Date.now();
    const frame = frames[Math.floor(now / interval) % frames.length];
    const whats = [...running].map(
      ([what, started]) => `${what}  ${((now - started) / 1000).toFixed(1)} s`,
    );
    const text = `${frame} ${whats.join(", ")}  ${note}`.trimEnd();
    process.stdout.write(`\r\x1b[K${fit(text, (process.stdout.columns || 80) - 1)}`);
    shown = true;
  };
  return {
    begin(what) {
      if (running.size === 0) note = "";
      running.set(what, Date.now());
      timer ??= setInterval(draw, interval);
    },
    note(text) {
      note = text;
    },
    clear,
    end(what) {
      if (what === undefined) running.clear();
      else running.delete(what);
      if (running.size > 0) return;
      clearInterval(timer);
      timer = undefined;
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
