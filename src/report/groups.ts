/** The runs and sweeps that the runs were found under: each has a colour and a sign, the same in every figure. */
import type { ReportData } from "./report-data.ts";

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
