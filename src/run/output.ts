/** What a step prints on its way to people and to its log file: decoded, without secrets, within bounds. */
import { closeSync, openSync, writeSync } from "node:fs";
import { type Redactor, openRedactor } from "./output-redact.ts";

type Stream = "stdout" | "stderr";

export interface OutputOptions {
  readonly log: string;
  readonly secrets: readonly string[];
  /** Text as it comes, until `headBytes` have passed. */
  readonly onText: (stream: Stream, text: string) => void;
  /** The log keeps this much of the beginning and of the end. */
  readonly headBytes: number;
  readonly tailBytes: number;
}

export interface Output {
  readonly write: (stream: Stream, bytes: Buffer) => void;
  /** Adds lines to the log alone. */
  readonly note: (text: string) => void;
  /** Finishes the log. */
  readonly close: () => OutputEnd;
}

interface OutputEnd {
  /** Bytes that `onText` was not given. */
  readonly heldBackBytes: number;
  /** Why the log is incomplete, such as ENOSPC; undefined when all is well. */
  readonly failure: NodeJS.ErrnoException | undefined;
}

/** Opens the log file; throws the file system's error when that is impossible. */
export function openOutput(options: OutputOptions): Output {
  const log = openLog(options);
  const pass = (stream: Stream, text: string): void => {
    if (text === "") return;
    const shown = !log.isFull();
    // Kept before it is shown: what somebody has seen is in the log, even if this process dies now.
    log.append(text);
    if (shown) options.onText(stream, text);
  };
  const pipes = { stdout: openPipe(options.secrets), stderr: openPipe(options.secrets) };
  return {
    write: (stream, bytes) => pass(stream, pipes[stream].push(bytes)),
    note: (text) => log.append(text),
    close() {
      pass("stdout", pipes.stdout.flush());
      pass("stderr", pipes.stderr.flush());
      return log.close();
    },
  };
}

/** Bytes to text: invalid UTF-8 and NUL are replaced by visible signs, secrets by stars. */
function openPipe(secrets: readonly string[]): {
  readonly push: (bytes: Buffer) => string;
  readonly flush: () => string;
} {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const redactor: Redactor = openRedactor(secrets);
  const show = (text: string): string => redactor.push(text.replaceAll("\0", "\u2400"));
  return {
    push: (bytes) => show(decoder.decode(bytes, { stream: true })),
    flush: () => show(decoder.decode()) + redactor.flush(),
  };
}

interface Log {
  readonly append: (text: string) => void;
  readonly isFull: () => boolean;
  readonly close: () => OutputEnd;
}

/** Head goes to the file at once, so that a crash loses nothing of it; the tail waits in memory. */
function openLog({ log, headBytes, tailBytes }: OutputOptions): Log {
  const file = openSync(log, "w", 0o600);
  const tail: Buffer[] = [];
  const sizes = { head: 0, tail: 0, dropped: 0 };
  let failure: NodeJS.ErrnoException | undefined;
  const write = (bytes: Buffer): void => {
    try {
      for (let done = 0; !failure && done < bytes.length;) done += writeSync(file, bytes, done);
    } catch (error) {
      failure = error as NodeJS.ErrnoException;
    }
  };
  const keep = (bytes: Buffer): void => {
    sizes.tail += bytes.length;
    tail.push(bytes);
    while (sizes.tail - (tail[0]?.length ?? 0) >= tailBytes) {
      const lost = tail.shift()?.length ?? 0;
      sizes.tail -= lost;
      sizes.dropped += lost;
    }
  };
  return {
    isFull: () => sizes.head >= headBytes,
    append(text) {
      const bytes = Buffer.from(text);
      if (sizes.head >= headBytes) return keep(bytes);
      sizes.head += bytes.length;
      write(bytes);
    },
    close() {
      if (sizes.dropped > 0) write(Buffer.from(`\n… ${sizes.dropped} bytes are left out here …\n`));
      for (const bytes of tail) write(bytes);
      closeSync(file);
      return { heldBackBytes: sizes.dropped + sizes.tail, failure };
    },
  };
}
