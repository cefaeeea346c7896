/** Writing to the person or program at the other end. */
import { paintWith } from "../source/paint.ts";

type Stream = NodeJS.WriteStream;

/** Colour: FORCE_COLOR, then NO_COLOR and TERM=dumb, then whether somebody is looking. */
export function usesColor(stream: Stream, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "0") return true;
  if (env.NO_COLOR || env.TERM === "dumb" || env.FORCE_COLOR === "0") return false;
  return stream.isTTY === true;
}

export function write(text: string): void {
  process.stdout.write(text);
}

/** For what went wrong: message, then what to do, on standard error. */
export function complain(message: string, fix = ""): void {
  const paint = paintWith(usesColor(process.stderr));
  process.stderr.write(`${paint("error", "mlpipe:")} ${message}\n${fix ? `  ${fix}\n` : ""}`);
}

/** A reader that goes away (`mlpipe runs | head`) is no error: the command ends quietly. */
export function endQuietlyWhenUnread(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
}
