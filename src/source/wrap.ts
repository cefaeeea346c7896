/** Prose in lines for a terminal. */

/** Paragraphs at most 80 columns wide, with an empty line between them. */
export function wrap(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => wrapParagraph(paragraph.split(/\s+/)))
    .join("\n\n");
}

function wrapParagraph(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= 80)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
