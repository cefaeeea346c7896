/** The line at the bottom of a terminal that tells what is done now, for how long, and how far it is. */
import { paintWith } from "../source/paint.ts";
import { openLiveArea } from "./live/area.ts";
import { elapsed, fitLine, spinner } from "./live/line.ts";

export interface StatusLine {
  /** Shows this behind what is done. */
  readonly note: (text: string) => void;
  /** Removes the line. */
  readonly end: () => void;
}

export function openStatusLine(what: string): StatusLine {
  const began = Date.now();
  const paint = paintWith(false);
  let noted = "";
  const end = openLiveArea(({ columns }, now) => [
    fitLine([[spinner(now)], [what], [elapsed(now - began)], [noted]], columns, paint),
  ]);
  return { note: (text) => void (noted = text), end };
}
