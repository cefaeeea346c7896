/** Words for a POSIX shell, quoted as Python's `shlex.quote` does, which MLflow uses. */

/** A word that a POSIX shell reads back as `text`, whatever it holds but NUL. */
export function quoteForShell(text: string): string {
  return isPlainWord(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** Whether a shell reads the text as it stands, wherever it stands. */
export function isPlainWord(text: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(text);
}
