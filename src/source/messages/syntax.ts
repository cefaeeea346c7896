/** E0100–E0109: what cannot be read. */
import { message } from "../message.ts";

export const syntaxMessages = {
  E0100: message<{
    /** A phrase: "a value on this line", "`=`". */
    expected: string;
    /** What to do, where more is known than what was expected; else "". */
    advice: string;
  }>({
    severity: "error",
    title: "something else expected",
    say: ({ expected }) => `expected ${expected}`,
    fix: ({ advice }) => advice,
    page: "What stands here does not fit what stands before it. The message names what would fit. Often a value, a name or an `=` is missing; what follows an `=` begins on the same line.",
    wrong: `mlpipe 1

run greet {
  param who: string =

  \`\`\`js
  console.log(who)
  \`\`\`
}
`,
    right: `mlpipe 1

run greet {
  param who: string = "world"

  \`\`\`js
  console.log(who)
  \`\`\`
}
`,
  }),
  E0101: message<{
    word: string;
    suggestion: string | undefined;
    /** What to do where no other word is like it, else "". */
    advice: string;
  }>({
    severity: "error",
    title: "unknown word",
    say: ({ word, suggestion }) =>
      `there is no \`${word}\` here${suggestion ? `; did you mean \`${suggestion}\`?` : ""}`,
    fix: ({ advice }) => advice,
    page: "Every item begins with one of the few words that the language has at this place, and this is none of them. Where a word is nearly right, mlpipe names the one that was probably meant.",
    wrong: `mlpipe 1

run greet {
  parm who: string = "world"

  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
    right: `mlpipe 1

run greet {
  param who: string = "world"

  \`\`\`js
  console.log(who)
  \`\`\`
}
`,
  }),
  E0102: message<{
    /** Line and column of its `{`. */
    opened: string;
    /** The word that cannot stand in the block; undefined at the end of the file. */
    before: string | undefined;
  }>({
    severity: "error",
    title: "unclosed block",
    say: ({ opened, before }) =>
      `the block opened at ${opened} is still open here; add } before ${before === undefined ? "the end of the file" : `\`${before}\``}`,
    fix: () => "",
    page: "Every `{` has its `}`. A declaration at the start of a line always begins anew, so that one missing brace spoils one block and not the rest of the file.",
    wrong: `mlpipe 1

run greet {
  \`\`\`js
  console.log("Hello!")
  \`\`\`

run leave {
  \`\`\`js
  console.log("Bye!")
  \`\`\`
}
`,
    right: `mlpipe 1

run greet {
  \`\`\`js
  console.log("Hello!")
  \`\`\`
}

run leave {
  \`\`\`js
  console.log("Bye!")
  \`\`\`
}
`,
  }),
  E0103: message<object>({
    severity: "error",
    title: "unclosed text",
    say: () => "this text has no closing quote on its line",
    fix: () => 'end it with `"`; a line break inside a text is written `\\n`',
    page: 'A text ends with `"` on the line on which it begins. A quote inside it is written `\\"`, a line break `\\n`.',
    wrong: `mlpipe 1

run greet {
  tag mood = "cheerful

  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
    right: `mlpipe 1

run greet {
  tag mood = "cheerful"

  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
  }),
  E0104: message<{ ticks: number }>({
    severity: "error",
    title: "unclosed code",
    say: ({ ticks }) =>
      `this code block is never closed; end it with a line of ${ticks === 4 ? "four" : "three"} backticks`,
    fix: () => "",
    page: "Code stands verbatim between two lines of three backticks; the first also names its language. Code that itself holds a line of three backticks stands between lines of four.",
    wrong: `mlpipe 1

run greet {
  \`\`\`js
  console.log("Hello!")
}
`,
    right: `mlpipe 1

run greet {
  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
  }),
  E0105: message<{ written: string; isHole: boolean }>({
    severity: "error",
    title: "bad escape",
    say: ({ written, isHole }) =>
      `\`${written}\` ${isHole ? "holds no name" : "means nothing in a text"}`,
    fix: ({ isHole }) =>
      isHole
        ? "write `${name}`, or `\\$` for a plain `$`"
        : 'a text knows `\\n`, `\\t`, `\\"`, `\\\\`, `\\$` and `\\u{1F600}`; write `\\\\` for a plain `\\`',
    page: 'A `\\` in a text begins one of `\\n`, `\\t`, `\\"`, `\\\\`, `\\$` and `\\u{…}` (a character by its hexadecimal number), and `${…}` holds the name of a param. For the characters themselves write `\\\\` and `\\$`. Paths are written with `/`, on Windows too.',
    wrong: `mlpipe 1

run greet {
  tag mood = "so\\so"

  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
    right: `mlpipe 1

run greet {
  tag mood = "so\\\\so"

  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
  }),
  E0106: message<{
    kind: "type" | "format" | "language";
    word: string;
    suggestion: string | undefined;
    known: readonly string[];
  }>({
    severity: "error",
    title: "unknown type or format",
    say: ({ kind, word, suggestion }) =>
      word === ""
        ? `this code names no language`
        : `there is no ${kind} \`${word}\`${suggestion ? `; did you mean \`${suggestion}\`?` : ""}`,
    fix: ({ kind, known, suggestion }) =>
      suggestion ? "" : `the ${kind}s are ${known.slice(0, -1).join(", ")} and ${known.at(-1)}`,
    page: "A param's type is one of int, float, string, bool, path and uri, with a `?` where it may be null. An artifact's format is one of csv, json, text, rds, parquet, png, html, file and folder. Code is in r, js or ts.",
    wrong: `mlpipe 1

run greet {
  param who: strng = "world"

  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
    right: `mlpipe 1

run greet {
  param who: string = "world"

  \`\`\`js
  console.log(who)
  \`\`\`
}
`,
  }),
  E0107: message<{ written: string; reason: string; suggestion: string | undefined }>({
    severity: "error",
    title: "bad number",
    say: ({ written, reason }) => `\`${written}\` cannot be read: ${reason}`,
    fix: ({ suggestion }) => (suggestion === undefined ? "" : `write \`${suggestion}\``),
    page: "Numbers are decimal: `3`, `-0.5`, `1e-3`; a percentage ends with `%`. A duration has one of the units ms, s, min and h, a size one of KiB, MiB and GiB, without a blank between.",
    wrong: `mlpipe 1

run wait {
  timeout 10

  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
    right: `mlpipe 1

run wait {
  timeout 10min

  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
  }),
  E0108: message<{ edition: string }>({
    severity: "error",
    title: "newer edition",
    say: ({ edition }) =>
      `this file is written in edition ${edition} of mlpipe, and this mlpipe reads edition 1`,
    fix: ({ edition }) =>
      Number(edition) > 1
        ? "install a newer mlpipe: npm install mlpipe@latest"
        : "write `mlpipe 1`",
    page: "The first line of a file says which edition of the language it is written in. A newer edition may mean other things by the same words, so nothing of the file is read.",
    wrong: `mlpipe 2

run greet {
  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
    right: `mlpipe 1

run greet {
  \`\`\`js
  console.log("Hello!")
  \`\`\`
}
`,
  }),
  E0109: message<{ path: string; offset: number }>({
    severity: "error",
    title: "not UTF-8",
    say: ({ path, offset }) => `${path} is not a UTF-8 text: byte ${offset} cannot be read`,
    fix: () => "save it as UTF-8",
    page: "Files are read as UTF-8, on every system, so that the same file is the same plan. Most editors have `Save with encoding`; a byte order mark at the start does no harm.",
    wrong: undefined,
    right: undefined,
  }),
} as const;
