/** Text for a POSIX shell: whatever is quoted here reaches the command byte for byte, whatever it holds but NUL. */

/** A fixed text, or an expansion such as `$run_id`, which is neither split nor expanded again. */
export type Piece = string | { readonly expansion: string };

/** One word of a command line. */
export function shellWord(pieces: readonly Piece[]): string {
  const words = joinTexts(pieces).map((piece) =>
    typeof piece === "string" ? quote(piece) : `"${piece.expansion}"`,
  );
  return words.length === 0 ? "''" : words.join("");
}

function joinTexts(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (typeof piece === "string" && typeof last === "string")
      joined[joined.length - 1] = last + piece;
    else if (piece !== "") joined.push(piece);
  }
  return joined;
}

/** Between single quotes a shell reads everything as it stands; a single quote itself stands outside of them. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A comment; no character of the text can end its line. */
export function shellComment(text: string): string {
  return `# ${text.replace(/\p{Cc}+/gu, " ").trim()}\n`;
}
