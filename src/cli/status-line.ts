/** The line at the bottom of a terminal that tells what runs now; it is gone when the text above it grows. */

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

export function openStatusLine(): StatusLine {
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
      timer = setInterval(() => {
        const milliseconds = Date.now() - started;
        const frame = frames[Math.floor(milliseconds / interval) % frames.length];
        const text = `${frame} ${what}  ${(milliseconds / 1000).toFixed(1)} s  ${note}`.trimEnd();
        process.stdout.write(`\r\x1b[K${text.slice(0, (process.stdout.columns || 80) - 1)}`);
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
