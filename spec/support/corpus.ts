/** The corpus of spec/corpus, as its tables tell it. */
import path from "node:path";
import { type Cause, causes } from "../../src/repro/cause.ts";
import { readPage, readTable } from "./docs-page.ts";
import { root } from "./mlpipe.ts";

export const halves = ["development", "held-out"] as const;
export type Half = (typeof halves)[number];

export interface Planted {
  /** Each of them is a right name for it. */
  readonly classes: readonly Cause[];
  /** `file:line`, from the script's folder; empty where it cannot be seen at a line. */
  readonly places: readonly string[];
}

export interface Script {
  readonly half: Half;
  readonly name: string;
  readonly folder: string;
  /** `R` or `Node`. */
  readonly language: string;
  /** None: it gives the same results whatever is done. */
  readonly planted: readonly Planted[];
  /** What may rightly be named too. */
  readonly besides: readonly Cause[];
  /** Of executions that give something else than most do. */
  readonly share: number;
  /** `repeat`, `later`, `variables`, `blas`, or a group of perturbations. */
  readonly shownBy: readonly string[];
  /** `L1`, …: the laws that it breaks. */
  readonly laws: readonly string[];
}

/** Those with a planted cause first. Throws where a table says what this does not read. */
export function readCorpus(half: Half): readonly Script[] {
  const page = readPage(`spec/corpus/${half}/README.md`);
  const of = ([name = "", language = ""]: readonly string[]) => {
    const folder = path.join(root, "spec", "corpus", half, name);
    return { half, name, language, folder };
  };
  return [
    ...readTable(page, "planted").map((row): Script => {
      const [, , cause = "", place = "", besides, share, shownBy, laws] = row;
      const places = place.split(" + ").map((cell) => listed(cell, " or "));
      return {
        ...of(row),
        planted: cause.split(" + ").map((names, index) => ({
          classes: listed(names, " or ").map(asCause),
          places: places[index] ?? [],
        })),
        besides: listed(besides).map(asCause),
        share: Number(share),
        shownBy: listed(shownBy),
        laws: listed(laws),
      };
    }),
    ...readTable(page, "fine").map((row): Script => {
      return { ...of(row), planted: [], besides: [], share: 0, shownBy: [], laws: [] };
    }),
  ];
}

/**
 * Of a long list every so-manieth, which is what there is time for wherever all tests run; all of them under CORPUS=all. It is
 * printed how many these are. `what`: what is left out, in the plural.
 */
export function tried<T>(all: readonly T[], every: number, what: string): readonly T[] {
  if (process.env["CORPUS"] === "all") return all;
  const some = all.filter((_, at) => at % every === every - 1);
  console.log(`${some.length} of ${all.length} ${what}; CORPUS=all: every one`);
  return some;
}

function listed(cell = "", by = " "): readonly string[] {
  return cell === "–" || cell === "" ? [] : cell.split(by);
}

function asCause(name: string): Cause {
  if (!Object.hasOwn(causes, name)) throw new Error(`there is no cause ${name}`);
  return name as Cause;
}
