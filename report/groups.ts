/** The runs and sweeps that the runs were found under: each has a colour and a sign, the same in every figure. */
import type { ReportData } from "../src/report/report-data.ts";

const signs = [
  { symbol: "circle", text: "●" },
  { symbol: "triangle", text: "▲" },
  { symbol: "square", text: "■" },
  { symbol: "diamond", text: "◆" },
  { symbol: "wye", text: "Y" },
  { symbol: "cross", text: "✚" },
] as const;

export interface Group {
  readonly name: string;
  readonly color: string;
  readonly sign: (typeof signs)[number];
}

/** In the order of their best runs. More groups than signs share them. */
export function groupsOf({ runs }: ReportData): ReadonlyMap<string, Group> {
  const names = [...new Set(runs.map((run) => run.of))];
  const groups = names.map((name, at): Group => {
    const place = at % signs.length;
    return { name, color: `var(--group-${place})`, sign: signs[place] ?? signs[0] };
  });
  return new Map(groups.map((group) => [group.name, group]));
}

/** Fills the legend of a figure; one group needs no entry. */
export function drawLegend(figure: HTMLElement, data: ReportData): void {
  const groups = [...groupsOf(data).values()].map(({ color, sign, name }) => [
    color,
    sign.text,
    name,
  ]);
  const best = data.best && data.runs[data.best.run];
  const items = [
    ...(groups.length > 1 ? groups : []),
    ...(best ? [["var(--best)", "★", `${best.label}, the best`]] : []),
  ];
  for (const [color = "", sign = "", name = ""] of items) {
    const mark = document.createElement("i");
    mark.style.color = color;
    mark.textContent = sign;
    const item = document.createElement("span");
    item.append(mark, ` ${name}`);
    figure.querySelector(".legend")?.append(item);
  }
}
