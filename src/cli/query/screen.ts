/** What a text is laid out for: a terminal of some width, or a pipe, which shortens nothing. */
import { type Paint, paintWith } from "../../source/paint.ts";
import { screenWidth, usesColor } from "../terminal.ts";
import { type Signs, signsFor } from "./signs.ts";

export interface Screen {
  /** Columns; Infinity where nothing needs to be shortened. */
  readonly width: number;
  readonly signs: Signs;
  readonly paint: Paint;
}

/** Where standard output goes. */
export function ownScreen(): Screen {
  const { stdout, env } = process;
  return {
    width: screenWidth(stdout),
    signs: signsFor(env),
    paint: paintWith(usesColor(stdout)),
  };
}
