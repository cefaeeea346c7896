/** What the cache must know of a step's code beside its meaning: the words in it, the files it may read, what it may do unseen. */
import { tokenizeJs } from "../../check/code/js-tokens.ts";
import { unquote } from "../../check/code/notes.ts";
import { tokenizeR } from "../../check/code/r-tokens.ts";
import { readingOf } from "../../check/code/reading.ts";
import { type Piece, piecesOf } from "../../check/code/token.ts";
import type { Language } from "../../check/program.ts";

export interface CodeFacts {
  /** Every name of the code, and every word in its texts; no comments. */
  readonly words: ReadonlySet<string>;
  /** Texts that may name a file which is read. */
  readonly texts: ReadonlySet<string>;
  /** Texts that may name a file which is only written. */
  readonly written: ReadonlySet<string>;
  /** It may read variables whose names do not stand in it. */
  readonly unseen: boolean;
  /** It uses the run's id, which is new each time. */
  readonly readsRunId: boolean;
  readonly readsRunName: boolean;
}

/** What was asked for last: the same code is asked for several times in a run, and in each trial of a sweep. */
const known = new Map<string, CodeFacts>();
const mostKnown = 500;

/** Never fails: code that is no code has words too. */
export function factsOfCode(code: string, language: Language): CodeFacts {
  const key = `${language} ${code}`;
  const facts = known.get(key) ?? findFacts(code, language);
  if (known.size >= mostKnown) known.clear();
  known.set(key, facts);
  return facts;
}

function findFacts(code: string, language: Language): CodeFacts {
  const pieces = piecesOf(code, language === "r" ? tokenizeR(code) : tokenizeJs(code));
  const words = wordsOf(pieces);
  const reading = readingOf(code, language);
  const isOwn = words.has("run") && !reading.assigned.has("run");
  return {
    words,
    ...textsOf(pieces),
    unseen: reading.computed || pieces.some((_, index) => isUnseen(pieces, index, language)),
    readsRunId: (isOwn && readsRun(pieces, isIdOrAll)) || words.has("MLFLOW_RUN_ID"),
    readsRunName: isOwn && readsRun(pieces, (member) => member === "name"),
  };
}

/** Of several codes that run together. */
export function joinFacts(facts: readonly CodeFacts[]): CodeFacts {
  return {
    words: new Set(facts.flatMap(({ words }) => [...words])),
    texts: new Set(facts.flatMap(({ texts }) => [...texts])),
    written: new Set(facts.flatMap(({ written }) => [...written])),
    unseen: facts.some(({ unseen }) => unseen),
    readsRunId: facts.some(({ readsRunId }) => readsRunId),
    readsRunName: facts.some(({ readsRunName }) => readsRunName),
  };
}

const notWord = /[^\p{L}\p{M}\p{N}_]+/u;

function wordsOf(pieces: readonly Piece[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const { kind, text } of pieces) {
    if (kind === "symbol" || kind === "number") continue;
    for (const word of (kind === "name" ? text : unquote(text)).split(notWord)) words.add(word);
  }
  return words;
}

/** By these names code reaches variables, files of code or its own text by other ways than their names. */
const unseenNames = {
  r: new Set(
    `get get0 mget dynGet exists eval evalq eapply parse str2lang str2expression ls objects environment globalenv
     .GlobalEnv parent.frame parent.env as.environment sys.function sys.frame sys.frames sys.call match.call source
     sys.source load attach save.image`.split(/\s+/u),
  ),
  js: new Set("eval Function globalThis with vm".split(" ")),
} as const;

function isUnseen(pieces: readonly Piece[], index: number, language: Language): boolean {
  const { kind, text } = pieces[index] ?? { kind: "space", text: "" };
  // A name may be written with escapes, as \u0063p.
  if (kind === "symbol") return text === "\\" && language !== "r";
  if (kind !== "name") return false;
  if (text === "params") return memberAt(pieces, index) === undefined;
  return unseenNames[language === "r" ? "r" : "js"].has(text);
}

/** `b` of `a$b`, `a.b`, `a["b"]` and `a[["b"]]`; undefined where `a` is used otherwise. */
function memberAt(pieces: readonly Piece[], index: number): string | undefined {
  const after = (offset: number): Piece | undefined => pieces[index + offset];
  const sign = after(1)?.text ?? "";
  if (/^(?:[$@.]|\?\.)$/u.test(sign)) return after(2)?.text;
  if (sign !== "[") return undefined;
  const first = after(2)?.text === "[" ? 3 : 2;
  const isAlone = after(first)?.kind === "text" && after(first + 1)?.text === "]";
  return isAlone ? unquote(after(first)?.text ?? "") : undefined;
}

function readsRun(
  pieces: readonly Piece[],
  isMeant: (member: string | undefined) => boolean,
): boolean {
  return pieces.some(
    ({ kind, text }, index) =>
      kind === "name" &&
      text === "run" &&
      !isMember(pieces, index) &&
      isMeant(memberAt(pieces, index)),
  );
}

/** Whether the name is a member of something else, a package's, or the name of an argument or a key. */
function isMember(pieces: readonly Piece[], index: number): boolean {
  if (/^(?:[$@.]|\?\.|:{2,3})$/u.test(pieces[index - 1]?.text ?? "")) return true;
  return /^[=:]$/u.test(pieces[index + 1]?.text ?? "");
}

function isIdOrAll(member: string | undefined): boolean {
  return member === undefined || member === "id";
}

/** What only these are given is written, or taken away, and not read. */
const writers = new Set(
  `write.csv write.csv2 write.table writeLines write saveRDS save dput dump sink png pdf jpeg svg tiff bmp ggsave fwrite
   write_csv write_tsv write_delim write_rds write_lines write_parquet write_feather write_json write.xlsx dir.create unlink
   file.remove log_artifact log_metric set_tag mlflow_log_artifact writeFile writeFileSync createWriteStream mkdir mkdirSync
   rm rmSync unlinkSync artifact metric tag`.split(/\s+/u),
);

function textsOf(pieces: readonly Piece[]): Pick<CodeFacts, "texts" | "written"> {
  const texts = new Set<string>();
  const written = new Set<string>();
  for (const piece of pieces) {
    if (piece.kind !== "text" && piece.kind !== "template") continue;
    const text = unquote(piece.text);
    if (text === "" || text.length >= 1024 || /[\n\0]/u.test(text)) continue;
    if (writers.has(callAround(pieces, piece))) written.add(text);
    else texts.add(text);
  }
  return { texts, written };
}

/** What only puts the name of a file together. */
const joiners = new Set(
  "file.path paste paste0 sprintf here normalizePath join resolve".split(" "),
);

/** Name of the call among whose arguments the piece stands, itself or in a joined name; "" where there is none. */
function callAround(pieces: readonly Piece[], piece: Piece): string {
  let { around } = piece;
  while (pieces[around]?.text === "(" && joiners.has(pieces[around - 1]?.text ?? ""))
    around = pieces[around]?.around ?? -1;
  return pieces[around]?.text === "(" ? (pieces[around - 1]?.text ?? "") : "";
}
