/** The signs that are drawn with, where letters beyond ASCII arrive and where they do not. */

export interface Signs {
  /** From the lowest bar to the highest. */
  readonly bars: readonly string[];
  /** In place of a bar, where there is no number. */
  readonly gap: string;
  /** Where a text is cut. One column. */
  readonly cut: string;
  /** For what is not there. */
  readonly none: string;
  /** Beside the best of several. One column. */
  readonly best: string;
}

const unicode: Signs = { bars: [..."▁▂▃▄▅▆▇█"], gap: "×", cut: "…", none: "–", best: "★" };
const ascii: Signs = { bars: [..."_.-=+*#@"], gap: "?", cut: "~", none: "-", best: "*" };

/** ASCII where the language is set to one without UTF-8, and on the console of Linux, whose font has few signs. */
export function signsFor(env: NodeJS.ProcessEnv): Signs {
  const named = env.LC_ALL || env.LC_CTYPE || env.LANG;
  const knowsUnicode = named === undefined || named === "" || /utf-?8/i.test(named);
  return knowsUnicode && env.TERM !== "linux" ? unicode : ascii;
}
