/** Where in a shell command a place lies: open, between quotes, or where nobody can say safely. */

/**
 * `bare`: a quoted word may stand there. `double`, `single`: between such quotes. `other`: in a comment, behind backticks,
 * in a here-document, or in anything that is not read here; only what no shell reads as a sign is safe there.
 */
export type ShellContext = "bare" | "double" | "single" | "other";

/** Half-open range of what was filled in, which does not change how the rest is read. */
export interface Filled {
  readonly start: number;
  readonly end: number;
}

type Mode = "bare" | "parenthesis" | "double" | "single" | "comment" | "backtick" | "ansi" | "lost";

/** The context of each filled range, in order, and of the end of the command. */
export function contextsOf(
  command: string,
  filled: readonly Filled[],
): readonly [...ShellContext[], ShellContext] {
  const contexts: ShellContext[] = [];
  const modes: Mode[] = ["bare"];
  let at = 0;
  let sign = "";
  for (const { start, end } of [...filled, { start: command.length, end: command.length }]) {
    while (at < start) {
      const startsWord = at === 0 || /[\s;&|()]$/.test(sign);
      const length = advance(command.slice(at, start), startsWord, modes);
      sign = command.slice(at, at + length);
      at += length;
    }
    // `\` and `$` would change what the quote after them means.
    contexts.push(sign === "\\" || sign === "$" ? "other" : contextOf(modes));
    sign = end > start ? "word" : sign;
    at = end;
  }
  return contexts as [...ShellContext[], ShellContext];
}

function contextOf(modes: readonly Mode[]): ShellContext {
  const mode = modes.at(-1);
  if (mode === "bare" || mode === "parenthesis") return "bare";
  return mode === "double" || mode === "single" ? mode : "other";
}

/** Reads one sign at the begin of `rest`, changes the modes by it, and answers its length. */
function advance(rest: string, startsWord: boolean, modes: Mode[]): number {
  const mode = modes.at(-1) ?? "lost";
  switch (mode) {
    case "lost":
      return rest.length;
    case "single":
      return closeBy("'", rest, modes);
    case "comment":
      return closeBy("\n", rest, modes);
    case "ansi":
      return rest.startsWith("\\") ? 2 : closeBy("'", rest, modes);
    case "backtick":
      return rest.startsWith("\\") ? 2 : closeBy("`", rest, modes);
    case "double":
      return rest.startsWith('"') ? closeBy('"', rest, modes) : open(rest, inDouble, modes);
    case "bare":
    case "parenthesis":
      if (mode === "parenthesis" && rest.startsWith(")")) return closeBy(")", rest, modes);
      return open(rest, startsWord ? atWordStart : inWord, modes);
    default:
      return mode satisfies never;
  }
}

function closeBy(sign: string, rest: string, modes: Mode[]): number {
  if (rest.startsWith(sign)) modes.pop();
  return 1;
}

/** A sign, and the mode that it opens; undefined: none. */
type Opening = readonly [sign: RegExp, mode: Mode | undefined];

const inDouble: readonly Opening[] = [
  [/^\\[^]/, undefined],
  [/^`/, "backtick"],
  [/^\$\(\(/, "lost"],
  [/^\$\(/, "parenthesis"],
  [/^\$\{\w+\}/, undefined],
  [/^\$\{/, "lost"],
];

const inWord: readonly Opening[] = [
  ...inDouble,
  [/^\$?"/, "double"],
  [/^\$'/, "ansi"],
  [/^'/, "single"],
  [/^\(/, "parenthesis"],
  [/^<<</, undefined],
  [/^<</, "lost"],
];

/** The branches of `case` have parentheses that close without having been opened. */
const atWordStart: readonly Opening[] = [[/^#/, "comment"], [/^case\s/, "lost"], ...inWord];

function open(rest: string, openings: readonly Opening[], modes: Mode[]): number {
  for (const [sign, mode] of openings) {
    const found = sign.exec(rest);
    if (!found) continue;
    if (mode) modes.push(mode);
    return found[0].length;
  }
  return 1;
}
