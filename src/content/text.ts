/** Texts: lines, however they end. */
import { type Kind, decodeText } from "./kind.ts";

export const text = {
  read: (file) => withLineEnds(decodeText(file)),
  canonical: (content) => content,
} satisfies Kind<string>;

/** Every line ends with `\n`, the last one too. */
function withLineEnds(content: string): string {
  const unix = content.replace(/\r\n?/g, "\n");
  return unix === "" || unix.endsWith("\n") ? unix : `${unix}\n`;
}
