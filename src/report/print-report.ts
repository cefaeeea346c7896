/** A report on compared runs as one HTML file: it asks no network, and without scripts its table is there all the same. */
import { createHash } from "node:crypto";
import { groupsOf } from "./groups.ts";
import { type Html, markup, scriptJson } from "./html.ts";
import { script, style } from "./page-bundle.ts";
import { printPage } from "./print-page.ts";
import { printTable } from "./print-table.ts";
import type { ReportData } from "./report-data.ts";
import { valueText } from "./texts.ts";

export function printReport(data: ReportData): string {
  const { title, about, made, runs, notes } = data;
  return printPage({
    title,
    subtitle: `${runs.length} runs compared`,
    about,
    made,
    allowed: allowed(),
    style,
    main: markup`${printBest(data)} ${notes.map((note) => markup`<p class="note">${note}</p> `)}
      ${printFigures(data)} ${printTable(data)}`,
    scripts: markup`<script type="application/json" id="data">${scriptJson(data)}</script>
      <script>${{ html: script }}</script>`,
  });
}

/** No other script runs. Plot styles its drawings in place. */
function allowed(): string {
  return `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`;
}

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

/** Frames that the script draws in, of the height that it will need; those for which there is nothing to draw are left out. */
function printFigures(data: ReportData): Html {
  const { columns, runs, curves } = data;
  const metrics = columns.filter(({ kind }) => kind === "metric");
  const numbers = columns.filter(({ values }) => values.some((it) => typeof it === "number"));
  const params = columns.filter(({ kind, values }) => kind === "param" && new Set(values).size > 1);
  const isAny = runs.length > 1;
  const figures = [
    ...(isAny && numbers.length > 1 ? [{ id: "scatter", title: "Two numbers of each run" }] : []),
    ...(curves.length > 0 ? [{ id: "curves", title: "Metrics over their steps" }] : []),
    ...(isAny && params.length > 0 && metrics.length > 0
      ? [{ id: "parallel", title: "Params, and what came of them" }]
      : []),
  ];
  return markup`<noscript><style>.figures { display: none; }</style></noscript>
    <div class="figures">${figures.map(({ id, title }) => figure(id, title, data))}</div>`;
}

function figure(id: string, title: string, data: ReportData): Html {
  return markup`<figure id="${id}" class="${id}">
    <figcaption>
      <h2>${title}</h2>
      <div class="choices"></div>
    </figcaption>
    <div class="legend">${legend(data)}</div>
    <div class="drawing"></div>
  </figure>`;
}

/** One group needs no entry. */
function legend(data: ReportData): readonly Html[] {
  const groups = [...groupsOf(data).values()];
  const best = data.best && data.runs[data.best.run];
  return [
    ...(groups.length > 1 ? groups : []).map(
      ({ name, color, sign }) =>
        markup`<span><i style="color: ${color}">${sign.text}</i> ${name}</span>`,
    ),
    ...(best ? [markup`<span><i class="star">★</i> ${best.label}, the best</span>`] : []),
  ];
}
