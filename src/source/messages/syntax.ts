/** E0100–E0109: what cannot be read. */
import { message } from "../message.ts";

export const syntaxMessages = {
  E0101: message<{ word: string; suggestion: string | undefined }>({
    severity: "error",
    title: "unknown word",
    say: ({ word, suggestion }) =>
      `there is no \`${word}\` here${suggestion ? `; did you mean \`${suggestion}\`?` : ""}`,
    fix: () => "",
    page: "The word is none of those the language has at this place.",
    wrong: undefined,
    right: undefined,
  }),
  E0105: message<{ written: string }>({
    severity: "error",
    title: "bad escape",
    say: ({ written }) => `\`${written}\` means nothing in a text`,
    fix: () => "",
    page: "A text knows a few escapes.",
    wrong: undefined,
    right: undefined,
  }),
  E0107: message<{ written: string; reason: string; suggestion: string | undefined }>({
    severity: "error",
    title: "bad number",
    say: ({ written, reason }) => `\`${written}\` is not a number: ${reason}`,
    fix: () => "",
    page: "x",
    wrong: undefined,
    right: undefined,
  }),
} as const;
