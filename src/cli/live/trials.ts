/** A sweep while it is performed: how far it is, the best so far, and a row for each trial that is under way. */
import type { SweepPlan } from "../../plan/plan.ts";
import type { RunEvent } from "../../run/event.ts";
import type { Paint } from "../../source/paint.ts";
import { metricsOf, variedTexts } from "../describe-sweep.ts";
import { shortNumber } from "../../source/figures.ts";
import { countTrial, describeCount, newTrialCount } from "../trial-count.ts";
import type { Screen } from "./area.ts";
import { type Piece, column, elapsed, fitLine, spinner, widthOfLine } from "./line.ts";
import type { LivePicture } from "./steps.ts";
import { widest } from "./widest.ts";

interface TrialRow {
  readonly params: string;
  readonly began: number;
  readonly running: ReadonlySet<string>;
  /** Its newest metric. */
  readonly note: string;
}
interface Best {
  readonly trial: string;
  readonly params: string;
  readonly metrics: string;
}
type ShownSweep = Pick<SweepPlan, "trials" | "bestBy" | "of">;

export function trialsPicture(plan: ShownSweep, paint: Paint): LivePicture {
  const count = newTrialCount(plan.trials.length, 0);
  const rows = new Map<string, TrialRow>();
  let best: Best | undefined;
  return {
    hear(event, now) {
      countTrial(count, event, now);
      best = bestAfter(event, rows, plan) ?? best;
      noteEvent(rows, event, now, plan);
    },
    picture(screen, now) {
      if (rows.size === 0) return [];
      const head = describeHead(count, best, screen, now, paint);
      return ["", ...head, ...describeRows([...rows], screen, now, paint)];
    },
  };
}

/** The trial, its params and metrics, where it is better than all before it. */
function bestAfter(
  event: RunEvent,
  rows: ReadonlyMap<string, TrialRow>,
  plan: ShownSweep,
): Best | undefined {
  if ((event.kind !== "trial-ended" && event.kind !== "trial-kept") || !event.isBest)
    return undefined;
  const { trial, metrics } = event;
  const params =
    event.kind === "trial-kept" ? variedTexts(event.params, plan) : (rows.get(trial)?.params ?? "");
  return { trial, params, metrics: metricsOf(metrics, plan, shortNumber) };
}

function noteEvent(
  rows: Map<string, TrialRow>,
  event: RunEvent,
  now: number,
  plan: ShownSweep,
): void {
  if (event.kind === "trial-started") {
    const params = variedTexts(event.params, plan);
    rows.set(event.trial, { params, began: now, running: new Set(), note: "" });
  } else if (event.kind === "trial-ended") rows.delete(event.trial);
  else if (event.kind === "trial-event") {
    const row = rows.get(event.trial);
    if (row) rows.set(event.trial, afterEvent(row, event.event, plan));
  }
}

/** A step that is named as its run is the only one, and not named. */
function afterEvent(row: TrialRow, event: RunEvent, { of }: ShownSweep): TrialRow {
  switch (event.kind) {
    case "step-started":
      return event.step === of ? row : { ...row, running: new Set([...row.running, event.step]) };
    case "step-ended":
      return { ...row, running: new Set([...row.running].filter((step) => step !== event.step)) };
    case "metric":
      return { ...row, note: `${event.key} = ${shortNumber(event.value)}` };
    default:
      return row;
  }
}

const barColumns = 20;
/** Below so many columns there is no bar, and trials go by their numbers. */
const wide = 70;

/** One line where it fits, else the best in a second. */
function describeHead(
  count: Parameters<typeof describeCount>[0],
  best: Best | undefined,
  { columns }: Screen,
  now: number,
  paint: Paint,
): readonly string[] {
  const { done, failed, took, left } = describeCount(count, now);
  const filled = Math.round((barColumns * count.ended) / count.total);
  const bar = columns < wide ? "" : "━".repeat(filled) + "─".repeat(barColumns - filled);
  const head: readonly Piece[] = [
    [bar, "fix"],
    [done, "strong"],
    [failed, "error"],
    [took],
    [left],
  ];
  const tail: readonly Piece[] = best
    ? [[`best ${nameOf(best.trial, columns)}`, "fix"], [best.params], [best.metrics]]
    : [];
  if (widthOfLine([...head, ...tail]) <= columns)
    return [fitLine([...head, ...tail], columns, paint)];
  return [fitLine(head, columns, paint), fitLine(tail, columns, paint)];
}

/** `trees/03`, or `03` */
function nameOf(trial: string, columns: number): string {
  return columns < wide ? trial.slice(trial.lastIndexOf("/") + 1) : trial;
}

/** Rows of the screen that stay for the head and for the text above. */
const above = 8;

function describeRows(
  rows: readonly (readonly [name: string, row: TrialRow])[],
  { columns, rows: height }: Screen,
  now: number,
  paint: Paint,
): readonly string[] {
  const most = Math.max(2, height - above);
  const chosen = rows.length > most ? rows.slice(0, most - 1) : rows;
  const names = Math.min(
    widest(rows.map(([name]) => nameOf(name, columns))),
    Math.floor(columns / 3),
  );
  const params = widest(rows.map(([, row]) => row.params));
  const lines = chosen.map(([name, row]) =>
    fitLine(
      [
        [`${spinner(now)} ${column(nameOf(name, columns), names)}`],
        [elapsed(now - row.began).padStart("59.9 s".length)],
        [column(row.params, params)],
        [[...row.running].join(", ")],
        [row.note, "faint"],
      ],
      columns,
      paint,
    ),
  );
  const others = rows.length - chosen.length;
  return others === 0 ? lines : [...lines, fitLine([[`  and ${others} more`]], columns, paint)];
}
