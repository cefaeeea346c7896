/** Each run as a line across its params, to the metrics that they led to; every axis has a scale of its own. */
import { line, ruleX, text } from "@observablehq/plot";
import { groupsOf } from "../src/report/groups.ts";
import type { ReportColumn, ReportData } from "../src/report/report-data.ts";
import { openFigure } from "./figure.ts";
import { describeRun, numbersOf, shortNumber, spansPowers } from "./values.ts";

/** More of them cannot be told apart. */
const mostAxes = 10;

interface Axis {
  readonly name: string;
  /** From 0 (below) to 1 (above); undefined where the run has no value. */
  readonly place: (run: number) => number | undefined;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

interface Point {
  readonly run: number;
  readonly axis: string;
  readonly at: number;
}

export function drawParallel(data: ReportData): void {
  const figure = openFigure("parallel");
  if (!figure) return;
  const axes = axesOf(data);
  const groups = groupsOf(data);
  const colorOf = (run: number) => groups.get(data.runs[run]?.of ?? "")?.color ?? "";
  const best = data.best?.run;
  const points = data.runs.flatMap((_, run) => pointsOf(axes, run));
  const ticks = axes.flatMap(({ name, ticks: own }) =>
    own.map((tick) => ({ ...tick, axis: name })),
  );
  const labelOf = ({ run }: Point) => data.runs[run]?.label;
  const isBest = ({ run }: Point): boolean => run === best;
  const place = { x: "axis", y: "at", z: "run", curve: "monotone-x", ariaLabel: labelOf } as const;
  figure.draw((width) => ({
    height: 340,
    marginTop: 30,
    marginLeft: 20,
    marginRight: 70,
    x: {
      type: "point",
      padding: 0.1,
      domain: axes.map(({ name }) => name),
      axis: "top",
      label: null,
      tickSize: 0,
      tickRotate: width / axes.length < 70 ? -20 : 0,
    },
    y: { axis: null, domain: [0, 1], inset: 8 },
    color: { type: "identity" },
    ariaLabel: `Params and metrics of each run: ${axes.map(({ name }) => name).join(", ")}`,
    ariaDescription: "The table below has the same numbers.",
    marks: [
      ruleX(axes, { x: "name", stroke: "var(--axis)" }),
      line(
        points.filter((point) => !isBest(point)),
        {
          ...place,
          stroke: ({ run }: Point) => colorOf(run),
          strokeOpacity: Math.min(0.6, Math.max(0.06, 40 / data.runs.length)),
          strokeWidth: 1.5,
          title: ({ run }: Point) => describeRun(data, run),
        },
      ),
      line(points.filter(isBest), { ...place, stroke: "var(--best)", strokeWidth: 3.5 }),
      text(ticks, {
        x: "axis",
        y: "at",
        text: "label",
        textAnchor: "start",
        dx: 5,
        fill: "var(--text)",
        stroke: "var(--card)",
        strokeWidth: 4,
      }),
    ],
  }));
}

function pointsOf(axes: readonly Axis[], run: number): readonly Point[] {
  return axes.flatMap(({ name, place }) => {
    const at = place(run);
    return at === undefined ? [] : [{ run, axis: name, at }];
  });
}

/** Params that are not the same everywhere, then the metrics of `best by`, or all that are shown where there is none. */
function axesOf({ columns, bestBy }: ReportData): readonly Axis[] {
  const params = columns.filter(({ kind, values }) => kind === "param" && new Set(values).size > 1);
  const decide = columns.filter(
    ({ kind, name }) => kind === "metric" && bestBy.some(({ metric }) => metric === name),
  );
  const metrics = columns.filter(({ kind, shown }) => kind === "metric" && shown);
  const ends = (decide.length > 0 ? decide : metrics).slice(0, 3);
  return [...params.slice(0, mostAxes - ends.length), ...ends].map((column) =>
    column.values.some((value) => typeof value === "string")
      ? wordAxis(column)
      : numberAxis(column),
  );
}

function numberAxis(column: ReportColumn): Axis {
  const numbers = numbersOf(column);
  const isLog = spansPowers(numbers);
  const scale = (value: number): number => (isLog ? Math.log(value) : value);
  const low = numbers.reduce((least, value) => Math.min(least, value), Infinity);
  const high = numbers.reduce((most, value) => Math.max(most, value), -Infinity);
  const place = (value: number): number =>
    low === high ? 0.5 : (scale(value) - scale(low)) / (scale(high) - scale(low));
  const distinct = [...new Set(numbers)].toSorted((a, b) => a - b);
  const middle = isLog ? Math.sqrt(low * high) : (low + high) / 2;
  const labelled = distinct.length <= 6 ? distinct : [low, middle, high];
  return {
    name: column.name,
    place: (run) => {
      const value = column.values[run];
      return typeof value === "number" ? place(value) : undefined;
    },
    ticks: labelled.map((value) => ({ at: place(value), label: shortNumber(value) })),
  };
}

const collator = new Intl.Collator("en", { numeric: true });

function wordAxis(column: ReportColumn): Axis {
  const words = [...new Set(column.values.filter((it) => it !== null).map(String))].toSorted(
    collator.compare,
  );
  const place = (word: string): number =>
    words.length === 1 ? 0.5 : words.indexOf(word) / (words.length - 1);
  return {
    name: column.name,
    place: (run) => {
      const value = column.values[run];
      return value === null || value === undefined ? undefined : place(String(value));
    },
    ticks: words.slice(0, 12).map((word) => ({
      at: place(word),
      label: word.length > 16 ? `${word.slice(0, 15)}…` : word,
    })),
  };
}
