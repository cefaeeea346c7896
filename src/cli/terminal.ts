/** Writing to the person or program at the other end. */
import { paintWith } from "../source/paint.ts";

type Stream = NodeJS.WriteStream;

/** Colour: FORCE_COLOR, then NO_COLOR and TERM=dumb, then whether somebody is looking. */
export function usesColor(stream: Stream, env: NodeJS.ProcessEnv = process.env): boolean {
  const forced = env.FORCE_COLOR;
  if (forced) return forced !== "0" && forced !== "false";
  if (env.NO_COLOR || env.TERM === "dumb") return false;
  return stream.isTTY === true;
}

/** Whether lines may be drawn over: a person looks, at a terminal that can. */
export function isLive(stream: Stream, env: NodeJS.ProcessEnv = process.env): boolean {
  return stream.isTTY === true && env.TERM !== "dumb" && !env.CI;
}

/** Columns of the terminal; Infinity where the output goes elsewhere, which shortens nothing. */
export function screenWidth(stream: Stream): number {
  return stream.isTTY === true ? stream.columns || 80 : Infinity;
}

/** Writes text to a stream. */
export type Put = (stream: Stream, text: string) => void;

let diverted: Put | undefined;

/** All that is printed goes there until the answer is called, so that it can be placed around what is drawn. */
export function divert(to: Put): () => void {
  diverted = to;
  return () => {
    if (diverted === to) diverted = undefined;
  };
}

export function put(stream: Stream, text: string): void {
  if (diverted) diverted(stream, text);
  else stream.write(text);
}

export function write(text: string): void {
  put(process.stdout, text);
}

/** For what went wrong: message, then what to do, on standard error. */
export function complain(message: string, fix = ""): void {
  const paint = paintWith(usesColor(process.stderr));
  put(process.stderr, `${paint("error", "mlpipe:")} ${message}\n${fix ? `  ${fix}\n` : ""}`);
}

let lost: NodeJS.ErrnoException | undefined;

/**
 * A reader that goes away (`mlpipe runs | head`) is no error, and what else cannot be printed (a full disk) ends nothing
 * early either: a run that has begun comes to its end in the tracker.
 */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" || lost) return;
      lost = error;
      if (stream === process.stdout) complain(`the output cannot be written: ${error.message}`);
    });
}

/** Whether something could not be printed that somebody was to read. */
export function lostOutput(): boolean {
  return lost !== undefined;
}
