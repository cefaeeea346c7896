/** The table of a report: complete in its HTML, with a button in each title by which the page's script sorts it. */
import { type Html, markup } from "./html.ts";
import type { ReportColumn, ReportData, ReportRun } from "./report-data.ts";
import { secondsText, timeText, valueText } from "./texts.ts";

/** Which end of a column is the good one, and so comes first. */
type First = "ascending" | "descending";

export function printTable(data: ReportData): Html {
  const { runs, columns, bestBy } = data;
  const others = columns.filter(({ shown }) => !shown).length;
  const firstOf = ({ name, kind }: ReportColumn): First =>
    kind === "metric" && bestBy.some(({ metric, goal }) => metric === name && goal === "maximize")
      ? "descending"
      : "ascending";
  return markup`<section class="runs" aria-labelledby="runs">
    <div class="bar">
      <h2 id="runs">${runs.length} ${runs.length === 1 ? "run" : "runs"}</h2>
      ${allColumns(others)}
    </div>
    <p class="hint" id="hint">
      A title sorts by its column, and sorts the other way when pressed again.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="runs">
      <table aria-describedby="hint">
        <thead>
          <tr>
            ${title("#", "number", "ascending", "rank")}
            ${title("run", "text", "ascending", "name")}
            ${columns.map((column) => title(column.name, kindOf(column), firstOf(column), classOf(column)))}
            ${title("took", "number", "ascending", "extra")}
            ${title("started", "number", "descending", "extra")}
            <th scope="col">artifacts</th>
          </tr>
        </thead>
        <tbody>
          ${runs.map((run, at) => printRow(run, at, data))}
        </tbody>
      </table>
    </div>
    <p class="sorted" role="status"></p>
  </section>`;
}

function allColumns(others: number): Html {
  return markup`<label class="all"
    ><input type="checkbox" id="all-columns" /> all columns <span>(${others + 2} more)</span></label
  >`;
}

function kindOf({ values }: ReportColumn): "number" | "text" {
  return values.some((value) => typeof value === "string") ? "text" : "number";
}

function classOf({ kind, shown }: ReportColumn): string {
  return shown ? kind : `${kind} extra`;
}

function title(name: string, sort: "number" | "text", first: First, kind: string): Html {
  return markup`<th scope="col" class="${kind} ${sort}" data-sort="${sort}" data-first="${first}">
    <button type="button">${name}</button>
  </th> `;
}

function printRow(run: ReportRun, at: number, { best, columns }: ReportData): Html {
  const isBest = best?.run === at;
  const label = run.links.run
    ? markup`<a href="${run.links.run}">${run.label}</a>`
    : markup`${run.label}`;
  const star = isBest
    ? markup`<span class="star" title="the best">★<span class="unseen"> the best: </span></span> `
    : markup``;
  return markup`<tr data-label="${run.label}" ${isBest ? markup` class="is-best"` : markup``}>
    <td class="rank number" data-value="${at + 1}">${at + 1}</td>
    <th scope="row" class="name" data-value="${run.label}" title="${run.id}">${star}${label}</th>
    ${columns.map((column) => cell(column, at))}
    <td class="extra number" data-value="${run.took ?? ""}">${secondsText(run.took)}</td>
    <td class="extra number" data-value="${run.started}">${timeText(run.started)}</td>
    <td class="artifacts">${artifacts(run)}</td>
  </tr> `;
}

function cell(column: ReportColumn, at: number): Html {
  const value = column.values[at] ?? "";
  const text = valueText(value);
  const exact = text === String(value) ? markup`` : markup` title="${value}"`;
  return markup`<td class="${classOf(column)} ${kindOf(column)}" data-value="${value}"${exact}>${text}</td>`;
}

function artifacts({ label, links, artifacts: uri }: ReportRun): Html {
  return links.artifacts
    ? markup`<a href="${links.artifacts}" title="${uri}" aria-label="artifacts of ${label}">open</a>`
    : markup`<span class="uri">${uri}</span>`;
}
