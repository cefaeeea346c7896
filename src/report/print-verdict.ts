/** A report on a replay or a verification as one HTML file: it asks no network and has no script. */
import { type Html, markup } from "./html.ts";
import { style, verdictStyle } from "./page-bundle.ts";
import { printDetail } from "./print-detail.ts";
import { printPage } from "./print-page.ts";
import type { ReportCause, ReportRow, ReportTable, VerdictData } from "./verdict-data.ts";

export function printVerdict(data: VerdictData): string {
  const { title, about, made, verdict, notes, causes, tables, unchecked } = data;
  return printPage({
    title,
    subtitle: verdict.word,
    about,
    made,
    allowed: "img-src data:",
    style: style + verdictStyle,
    main: markup`<section class="verdict ${verdict.tone}" aria-labelledby="verdict">
        <h2 id="verdict">${verdict.word}</h2>
        <p>${verdict.why}</p>
      </section>
      ${notes.map((note) => markup`<p class="note">${note}</p> `)}
      ${printCauses(causes)} ${tables.map(printTable)} ${printUnchecked(unchecked)}`,
    scripts: markup``,
  });
}

function printCauses(causes: readonly ReportCause[]): Html {
  if (causes.length === 0) return markup``;
  return markup`<section class="runs" aria-labelledby="causes">
    <h2 id="causes">${causes.length === 1 ? "The cause" : `${causes.length} causes`}</h2>
    <ol class="causes">
      ${causes.map(
        ({ title, place, confidence, evidence, mend }) =>
          markup`<li>
            <p>
              <strong>${title}</strong> ${place === "" ? markup`` : markup`<code>${place}</code>`}
              <span class="confidence">${confidence}</span>
            </p>
            <ul>
              ${evidence.map((each) => markup`<li>${each}</li>`)}
            </ul>
            <p class="mend">${mend}</p>
          </li>`,
      )}
    </ol>
  </section>`;
}

function printTable({ title, columns, rows }: ReportTable, at: number): Html {
  if (rows.length === 0) return markup``;
  return markup`<section class="runs" aria-labelledby="table-${at}">
    <h2 id="table-${at}">${title}</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="table-${at}">
      <table>
        <thead>
          <tr>
            ${columns.map((column) => markup`<th scope="col"><span>${column}</span></th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => printRow(row, columns.length))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function printRow({ cells, tone, details }: ReportRow, width: number): Html {
  const [name = "", ...rest] = cells;
  const row = markup`<tr>
    <th scope="row" class="name">${name}</th>
    ${rest.map((cell, at) =>
      tone !== undefined && at === rest.length - 1
        ? markup`<td class="tone ${tone}">${cell}</td>`
        : markup`<td>${cell}</td>`,
    )}
  </tr> `;
  if (details.length === 0) return row;
  return markup`${row}<tr class="details">
      <td colspan="${width}">
        <details ${tone === "bad" || tone === "open" ? markup` open` : markup``}>
          <summary>details<span class="unseen"> of ${name}</span></summary>
          ${details.map(printDetail)}
        </details>
      </td>
    </tr> `;
}

function printUnchecked(unchecked: VerdictData["unchecked"]): Html {
  if (unchecked.length === 0) return markup``;
  return markup`<section class="runs" aria-labelledby="unchecked">
    <h2 id="unchecked">Not checked</h2>
    <dl class="unchecked">
      ${unchecked.map(
        ({ name, why }) =>
          markup`<dt>${name}</dt>
            <dd>${why}</dd>`,
      )}
    </dl>
  </section>`;
}
