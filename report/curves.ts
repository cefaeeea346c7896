/** The course of a metric over its steps, one line a run. */
import { axisX, axisY, gridX, gridY, line, pointer, tip } from "@observablehq/plot";
import { groupsOf } from "../src/report/groups.ts";
import type { ReportCurves, ReportData } from "../src/report/report-data.ts";
import { openFigure } from "./figure.ts";
import { shortNumber, spansPowers } from "./values.ts";

interface Point {
  readonly run: number;
  readonly step: number;
  readonly value: number;
}

export function drawCurves(data: ReportData): void {
  const figure = openFigure("curves");
  const [first] = data.curves;
  if (!figure || !first) return;
  const groups = groupsOf(data);
  const colorOf = (run: number) => groups.get(data.runs[run]?.of ?? "")?.color ?? "";
  const best = data.best?.run;
  const isBest = ({ run }: Point): boolean => run === best;
  const labelOf = ({ run }: Point) => data.runs[run]?.label;
  const place = { x: "step", y: "value", z: "run", ariaLabel: labelOf } as const;
  const draw = (curves: ReportCurves): void => {
    const points = pointsOf(curves);
    figure.draw(() => ({
      height: 380,
      marginLeft: 56,
      marginRight: 20,
      marginBottom: 40,
      y: {
        type: spansPowers(points.map(({ value }) => value)) ? "log" : "linear",
        tickFormat: shortNumber,
        inset: 6,
      },
      color: { type: "identity" },
      ariaLabel: `${curves.metric} over its steps, one line a run`,
      marks: [
        gridX(),
        gridY(),
        axisX({ label: "step →", tickFormat: wholeNumber }),
        axisY({ label: `↑ ${curves.metric}` }),
        line(
          points.filter((point) => !isBest(point)),
          { ...place, stroke: ({ run }: Point) => colorOf(run), strokeOpacity: 0.65 },
        ),
        line(points.filter(isBest), { ...place, stroke: "var(--best)", strokeWidth: 3 }),
        tip(
          points,
          pointer({ x: "step", y: "value", title: (point: Point) => titleOf(data, point) }),
        ),
      ],
    }));
  };
  const names = data.curves.map(({ metric }) => metric);
  const named = (name: string) => data.curves.find(({ metric }) => metric === name) ?? first;
  if (names.length > 1) figure.choose("metric", names, first.metric, (name) => draw(named(name)));
  draw(first);
}

/** Nothing is written between two steps. */
function wholeNumber(step: number): string {
  return Number.isInteger(step) ? String(step) : "";
}

/** What is not finite is a gap that nothing is drawn at. */
function pointsOf({ series }: ReportCurves): readonly Point[] {
  return series.flatMap(({ run, steps, values }) =>
    steps.flatMap((step, at) => {
      const value = values[at];
      return typeof value === "number" ? [{ run, step, value }] : [];
    }),
  );
}

function titleOf({ runs }: ReportData, { run, step, value }: Point): string {
  return `${runs[run]?.label ?? ""}\nstep ${step}\n${shortNumber(value)}`;
}
