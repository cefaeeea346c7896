/** The front end within one process: lines a second, and a re-check after one edit. */
import { compile } from "../src/compile.ts";
import { memoryFiles } from "../src/source/memory.ts";
import { createParser } from "../src/syntax/parse.ts";
import type { Figure } from "./figure.ts";
import { median } from "./measure.ts";

/** A file of about `lines` lines: runs with params, metrics, a model and code. */
function largeFile(lines: number): string {
  const runs = Array.from(
    { length: Math.round(lines / 20) },
    (_, i) => `
#' Run number ${i}.
run run_${i} {
  param cp: float = 0.05 in 0..1   "how much a split must help"
  param depth: int = 3 in 1..30    "how many questions"
  tag omschrijving = "baseline"
  seed ${i}
  metric accuracy maximize in 0..1
  metric loss minimize in 0..
  artifact report: text at "report.txt"

  \`\`\`r
  x <- cp * depth
  accuracy <- 1 / (1 + x)
  loss <- x
  report <- "done"
  \`\`\`
  expect accuracy >= 0.1
}
`,
  );
  return `mlpipe 1\n\nexperiment "/Shared/large"\n${runs.join("")}`;
}

function time(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

export function measureLanguage(): readonly Figure[] {
  const figures = [1_000, 10_000].map((lines): Figure => {
    const text = largeFile(lines);
    const count = text.split("\n").length;
    const times = [1, 2, 3].map(() =>
      time(() => compile("large.mlpipe", memoryFiles({ "large.mlpipe": text }))),
    );
    const first = times[0] ?? Number.NaN;
    return {
      what: `parse and check ${lines.toLocaleString("en")} lines, nothing cached`,
      figure: `${Math.round((count / first) * 1000).toLocaleString("en")} lines/s (${first.toFixed(0)} ms)`,
      aim: ">= 5,000 lines/s",
    };
  });
  return [...figures, measureEdit()];
}

function measureEdit(): Figure {
  const text = largeFile(10_000);
  const parser = createParser();
  const recheck = (edited: string): number =>
    time(() => compile("large.mlpipe", memoryFiles({ "large.mlpipe": edited }), { parser }));
  recheck(text);
  const times = Array.from({ length: 21 }, (_, i) =>
    recheck(text.replace("run_250 {", `run_250_${i} {`)),
  );
  return {
    what: "check 10,000 lines again after one edit",
    figure: `${median(times).toFixed(1)} ms`,
    aim: "<= 10 ms",
  };
}
