/** Two numbers of each run against each other; at first the metrics that decide. */
import { axisX, axisY, dot, gridX, gridY, tip, pointer } from "@observablehq/plot";
import { groupsOf } from "../src/report/groups.ts";
import type { ReportColumn, ReportData } from "../src/report/report-data.ts";
import { type Figure, type PlotOptions, openFigure } from "./figure.ts";
import { describeRun, numberColumns, numbersOf, shortNumber, spansPowers } from "./values.ts";

export function drawScatter(data: ReportData): void {
  const figure = openFigure("scatter");
  if (!figure) return;
  const columns = numberColumns(data);
  let [x, y] = firstPair(data, columns);
  const draw = (): void => drawPair(figure, data, x, y);
  const names = columns.map(({ name }) => name);
  const named = (name: string): ReportColumn | undefined => columns.find((it) => it.name === name);
  figure.choose("across", names, x?.name ?? "", (name) => {
    x = named(name);
    draw();
  });
  figure.choose("up", names, y?.name ?? "", (name) => {
    y = named(name);
    draw();
  });
  draw();
}

/** The first two of `best by`, then metrics that are shown, then whatever there is. */
function firstPair(
  { bestBy }: ReportData,
  columns: readonly ReportColumn[],
): readonly [ReportColumn | undefined, ReportColumn | undefined] {
  const worth = ({ name, kind, shown }: ReportColumn): number => {
    const place = bestBy.findIndex(({ metric }) => metric === name);
    if (kind === "metric" && place >= 0) return place;
    return kind === "metric" ? (shown ? 100 : 200) : 300;
  };
  const sorted = columns.toSorted((a, b) => worth(a) - worth(b));
  return [sorted[0], sorted[1]];
}

function drawPair(
  figure: Figure,
  data: ReportData,
  x: ReportColumn | undefined,
  y: ReportColumn | undefined,
): void {
  if (!x || !y) return;
  const runs = data.runs
    .map((_, run) => run)
    .filter((run) => typeof x.values[run] === "number" && typeof y.values[run] === "number");
  const best = data.best?.run;
  const place = {
    x: (run: number) => x.values[run] as number,
    y: (run: number) => y.values[run] as number,
    ariaLabel: (run: number) => data.runs[run]?.label,
  };
  // The best one is drawn last, above those that lie at the same place.
  const others = runs.filter((run) => run !== best).toReversed();
  figure.draw(() => ({
    ...frameOf(x, y),
    marks: [
      gridX(),
      gridY(),
      axisX({ label: `${x.name} →`, labelAnchor: "right", tickSpacing: 90 }),
      axisY({ label: `↑ ${y.name}`, labelAnchor: "top" }),
      ...[...groupsOf(data).values()].map(({ name, color, sign }) =>
        dot(
          others.filter((run) => data.runs[run]?.of === name),
          {
            ...place,
            stroke: color,
            fill: color,
            fillOpacity: 0.35,
            strokeOpacity: others.length > 300 ? 0.5 : 1,
            symbol: sign.symbol,
            r: others.length > 300 ? 3 : 5,
          },
        ),
      ),
      dot(
        runs.filter((run) => run === best),
        { ...place, symbol: "star", r: 9, fill: "var(--best)", stroke: "var(--card)" },
      ),
      tip(runs, pointer({ ...place, title: (run: number) => describeRun(data, run) })),
    ],
  }));
}

function frameOf(x: ReportColumn, y: ReportColumn): PlotOptions {
  const scale = (column: ReportColumn) => ({
    type: spansPowers(numbersOf(column)) ? ("log" as const) : ("linear" as const),
    tickFormat: shortNumber,
    inset: 12,
    nice: false,
  });
  return {
    height: 380,
    marginLeft: 56,
    marginBottom: 40,
    marginRight: 20,
    x: scale(x),
    y: scale(y),
    ariaLabel: `${y.name} against ${x.name}, one mark a run`,
    ariaDescription: "The table below has the same numbers.",
  };
}
