/** Words that cannot be variables: E0204's lists. */
import type { Language } from "../program.ts";

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/u));
}

const js = words(`
  await break case catch class const continue debugger default delete do else enum export extends
  false finally for function if import in instanceof new null return super switch this throw true
  try typeof var void while with yield let static implements interface package private protected
  public eval arguments undefined NaN Infinity`);

/** R's `?Reserved`; JavaScript's words of modules, which are strict, and values that cannot be declared again. */
export const reservedWords = {
  r: words(`
    if else repeat while function for next break in TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_
    NA_complex_ NA_character_`),
  js,
  ts: js,
} as const satisfies Record<Language, ReadonlySet<string>>;

/** Names that read well instead of some reserved words. */
const readable: Readonly<Record<string, string>> = {
  class: "kind",
  default: "preset",
  function: "method",
  in: "within",
  package: "library",
};

/** What to call a variable that cannot be called `name` in code of `language`; undefined: `name` will do. */
export function substituteFor(name: string, language: Language): string | undefined {
  if (reservedWords[language].has(name)) return readable[name] ?? `${name}_`;
  // R's names begin with a letter; the language's own may begin with `_`.
  if (language === "r" && name.startsWith("_")) return name.replace(/^_+/u, "") || "x";
  return undefined;
}
