/** Texts: lines, however they end. */
import { type Kind, decodeText } from "./kind.ts";

export const text: Kind<string> = {
  read: (file) => withLineEnds(decodeText(file)),
  canonical: (content) => content,
};

/** Every line ends with `\n`, the last one too. */
function withLineEnds(content: string): string {
  const unix = content.replace(/\r\n?/g, "\n");
  return unix === "" || unix.endsWith("\n") ? unix : `${unix}\n`;
}
