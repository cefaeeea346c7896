/** Scripts whose reproducibility is known, diagnosed: what is found, named rightly, pointed at rightly, and said of fine ones. */
import { type Half, halves, readCorpus } from "../spec/support/corpus.ts";
import { type Measured, measure } from "../spec/support/corpus-measure.ts";
import { type Counted, count, printMatrix, printMisses } from "../spec/support/corpus-table.ts";
import type { Figure } from "./figure.ts";

const budgetMs = 120_000;

export async function* measureCorpus(): AsyncGenerator<Figure> {
  for (const half of halves) {
    const measured: Measured[] = [];
    for (const script of readCorpus(half)) measured.push(await measure(script, budgetMs));
    console.log(`\n${printMatrix(half, measured)}\n\n${printMisses(half, measured)}\n`);
    yield* figures(half, count(measured));
  }
}

function figures(half: Half, counted: Counted): readonly Figure[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const seconds = (number: number): string => `${number.toFixed(1)} s`;
  const { medianSeconds, worstSeconds, falseAlarms, besides } = counted;
  const of = (what: string): string => `${half}: ${what}`;
  return [
    { what: of("found"), figure: percent(counted.found), aim: ">= 95 %" },
    { what: of("cause named rightly"), figure: percent(counted.rightClass), aim: ">= 90 %" },
    { what: of("right line"), figure: percent(counted.rightLine), aim: ">= 85 %" },
    { what: of("false alarms"), figure: `${falseAlarms} fine, ${besides} besides`, aim: "0" },
    {
      what: of("time of a diagnosis, median / worst"),
      figure: `${seconds(medianSeconds)} / ${seconds(worstSeconds)}`,
      aim: "<= 15 s median, 2 cores",
    },
  ];
}
