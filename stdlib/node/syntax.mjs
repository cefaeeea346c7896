/** Finds the place of a syntax error that V8 keeps to itself: Node's own check of the same text prints it. */

const { process } = globalThis;

/** Line, text of the line and caret (absent at the end of the text), message. */
const printed = /^\[stdin\]:(\d+)\n(?:[^\n]*\n([ \t]*)\^)?[\s\S]*?\nSyntaxError: ([^\n]*)/;

/**
 * @param {string} source of a module
 * @returns {{ readonly line: number, readonly column: number, readonly message: string } | undefined} undefined when it is sound
 */
export function findSyntaxError(source) {
  // Loaded here and not above: it costs each step milliseconds, and few steps need it.
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { stderr } = spawnSync(process.execPath, ["--check", "--input-type=module", "-"], {
    input: source,
    encoding: "utf8",
    env: {},
  });
  const [, line, indent, message] = printed.exec(stderr) ?? [];
  if (line === undefined || message === undefined) return undefined;
  return { line: Number(line), column: (indent?.length ?? 0) + 1, message };
}
