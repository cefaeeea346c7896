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
} as const;
