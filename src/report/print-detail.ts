/** Differences as people want to see them: a table, a patch, two pictures side by side. */
import { type Html, markup } from "./html.ts";
import type { ReportDetail } from "./verdict-data.ts";

export function printDetail(detail: ReportDetail): Html {
  switch (detail.kind) {
    case "text":
      return markup`<p>${detail.text}</p>`;
    case "table":
      return printTable(detail);
    case "patch":
      return markup`<pre class="patch" tabindex="0">${detail.text.split("\n").map(printLine)}</pre>`;
    case "pictures":
      return markup`<div class="pictures">
        ${picture("before", detail.before)} ${picture("after", detail.after)}
      </div>`;
    default:
      return detail satisfies never;
  }
}

function printTable({ columns, rows, rest }: Extract<ReportDetail, { kind: "table" }>): Html {
  return markup`<table>
      <thead>
        <tr>
          ${columns.map((column) => markup`<th scope="col"><span>${column}</span></th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            markup`<tr>
              ${row.map((cell) => markup`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
    ${rest === "" ? markup`` : markup`<p class="hint">${rest}</p>`}`;
}

function printLine(line: string): Html {
  const kind = line.startsWith("+") ? "ins" : line.startsWith("-") ? "del" : "span";
  return markup`<${{ html: kind }}>${line}</${{ html: kind }}>
`;
}

function picture(side: "before" | "after", uri: string): Html {
  return markup`<figure>
    <figcaption>${side}</figcaption>
    <img src="${uri}" alt="the picture ${side}" />
  </figure>`;
}
