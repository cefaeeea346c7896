/** The sequential test behind `distribution margin m`, on pairs from known distributions: false alarms, and what it finds. */
import { type Setting, moved, shapes, simulate } from "../spec/support/simulate.ts";
import type { Figure } from "./figure.ts";

const seed = 20261122;
const times = Number(process.env["BENCH_SIMULATIONS"] ?? 2000);

export function* measureStatistics(): Generator<Figure> {
  yield {
    what: `sequential test, alpha 1 %`,
    figure: `${times} simulations, seed ${seed}`,
    aim: "",
  };
  yield* falseAlarms();
  yield* found();
  yield* agreements();
}

/** The null of each verdict at its edge, where it is wrong most often. */
function* falseAlarms(): Generator<Figure> {
  for (const [name, draw] of Object.entries(shapes)) {
    const same = { before: draw, after: draw, margin: 0.001, maxPairs: 200 };
    yield row(`${name}, same, up to 200 looks: said to differ`, same, "different", "<= 1 %");
    const edge = { before: draw, after: moved(draw, 0.5), margin: 0.5, maxPairs: 200 };
    yield row(`${name}, apart by the margin: said to differ`, edge, "different", "<= 1 %");
    yield row(`${name}, apart by the margin: said to agree`, edge, "equivalent", "<= 1 %");
  }
  const { normal } = shapes;
  const wide = { before: normal, after: moved(normal, 0, 3), margin: 0.5, maxPairs: 200 };
  yield row("normal, spread x 3, margin 0.5 sd: said to agree", wide, "equivalent", "<= 1 %");
}

function* found(): Generator<Figure> {
  for (const [name, draw] of Object.entries(shapes))
    for (const [shift, maxPairs] of [
      [0.5, 40],
      [0.5, 200],
      [1, 40],
      [2, 40],
    ] as const) {
      const setting = { before: draw, after: moved(draw, shift), margin: 0.1 * shift, maxPairs };
      yield row(`${name}, ${shift} sd apart, ${maxPairs} pairs: differ`, setting, "different");
    }
  const { normal } = shapes;
  const wide = { before: normal, after: moved(normal, 0, 3), margin: 0.1, maxPairs: 40 };
  yield row("normal, spread x 3, 40 pairs: differ", wide, "different");
}

function* agreements(): Generator<Figure> {
  for (const [name, draw] of Object.entries(shapes))
    for (const margin of [0.5, 1, 2])
      yield row(
        `${name}, same, margin ${margin} sd, 40 pairs: agree`,
        { before: draw, after: draw, margin, maxPairs: 40 },
        "equivalent",
      );
  const always = (): number => 1;
  const same = { before: always, after: always, margin: 1e-9, maxPairs: 40 };
  yield row("always the same number: agree", same, "equivalent");
}

function row(
  what: string,
  setting: Setting,
  decision: "different" | "equivalent",
  aim = "",
): Figure {
  const { counts, pairs } = simulate(setting, times, seed);
  const share = `${((100 * counts[decision]) / times).toFixed(2)} %`;
  const took = counts[decision] > 0 ? `, median ${pairs[decision]} pairs` : "";
  return { what, figure: `${share}${took}`, aim };
}
