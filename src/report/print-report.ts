/** A report on compared runs as one HTML file: it asks no network, and without scripts its table is there all the same. */
import { createHash } from "node:crypto";
import { type Html, markup, scriptJson } from "./html.ts";
import { script, style } from "./page-bundle.ts";
import { printTable } from "./print-table.ts";
import type { ReportData } from "./report-data.ts";
import { timeText, valueText } from "./texts.ts";

export function printReport(data: ReportData): string {
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy()}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="mlpipe" />
        <title>${data.title}: ${data.runs.length} runs compared</title>
        <style>${trusted(style)}</style>
      </head>
      <body>
        <header>
          <h1>${data.title}</h1>
          <dl class="about">
            ${data.about.map(
              ({ name, text }) =>
                markup`<div>
                  <dt>${name}</dt>
                  <dd>${text}</dd>
                </div>`,
            )}
          </dl>
        </header>
        <main>
          ${printBest(data)} ${data.notes.map((note) => markup`<p class="note">${note}</p> `)}
          ${printFigures(data)} ${printTable(data)}
        </main>
        <footer>
          Made by mlpipe at
          <time>${timeText(data.made)}</time> UTC.
        </footer>
        <script type="application/json" id="data">${scriptJson(data)}</script>
        <script>${trusted(script)}</script>
      </body>
    </html>
`.html;
}

/** Nothing may be fetched, sent or framed, and no other script runs. Plot styles its drawings in place. */
function policy(): string {
  const digest = createHash("sha256").update(script).digest("base64");
  return `default-src 'none'; script-src 'sha256-${digest}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;
}

const trusted = (text: string): Html => ({ html: text });

function printBest({ best, runs, columns }: ReportData): Html {
  const run = best && runs[best.run];
  if (!run) return markup``;
  const facts = columns.flatMap(({ name, kind, shown, values }) => {
    const value = values[best.run];
    return shown && value !== null && value !== undefined
      ? [
          markup`<div class="${kind}">
            <dt>${name}</dt>
            <dd title="${value}">${valueText(value)}</dd>
          </div>`,
        ]
      : [];
  });
  return markup`<section class="best" aria-labelledby="best">
    <h2 id="best"><span class="star" aria-hidden="true">★</span> ${run.label} is the best</h2>
    <p>${best.why}.</p>
    <dl>${facts}</dl>
  </section>`;
}

/** Frames that the script fills; those for which there is nothing to draw are left out. */
function printFigures({ columns, runs, curves }: ReportData): Html {
  const metrics = columns.filter(({ kind }) => kind === "metric");
  const numbers = columns.filter(({ values }) => values.some((it) => typeof it === "number"));
  const params = columns.filter(({ kind, values }) => kind === "param" && new Set(values).size > 1);
  return markup`<div class="figures">
    ${runs.length > 1 && numbers.length > 1 ? figure("scatter", "Two numbers of each run", "scatter") : markup``}
    ${curves.length > 0 ? figure("curves", "Metrics over their steps", "curves") : markup``}
    ${runs.length > 1 && params.length > 0 && metrics.length > 0 ? figure("parallel", "Params, and what came of them", "parallel") : markup``}
  </div>`;
}

function figure(id: string, title: string, kind: string): Html {
  return markup`<figure id="${id}" class="${kind}" hidden>
    <figcaption>
      <h2>${title}</h2>
      <div class="choices"></div>
    </figcaption>
    <div class="legend"></div>
    <div class="drawing"></div>
  </figure>`;
}
