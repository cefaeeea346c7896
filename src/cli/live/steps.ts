/** The steps of a run while it is performed: a row for each, or one line where there is but one. */
import type { RunEvent } from "../../run/event.ts";
import type { Paint, Role } from "../../source/paint.ts";
import type { ShownPlan } from "../describe-event.ts";
import { durationText, shortNumber } from "../../source/figures.ts";
import type { Picture } from "./area.ts";
import { type Piece, column, elapsed, fitLine, spinner } from "./line.ts";
import { widest } from "./widest.ts";

export type StepState = "running" | "failed" | "waiting" | "done" | "cached" | "kept" | "left out";

interface StepRow {
  readonly state: StepState;
  /** When it was seen first. */
  readonly began: number;
  /** Undefined until it has ended. */
  readonly milliseconds?: number;
  /** Its newest metric. */
  readonly note: string;
}
type Rows = Map<string, StepRow>;

export interface LivePicture {
  readonly hear: (event: RunEvent, now: number) => void;
  readonly picture: Picture;
}

/** Steps that the plan does not name, such as those of an MLproject, are shown in one line while they run. */
export function stepsPicture(plan: ShownPlan, paint: Paint): LivePicture {
  const steps = plan.actions.filter(({ kind }) => kind === "step");
  const rows: Rows = new Map();
  for (const step of steps)
    if (step.kind === "step") rows.set(step.name, { state: "waiting", began: 0, note: "" });
  return {
    hear: (event, now) => noteEvent(rows, event, now),
    picture: ({ columns, rows: height }, now) => {
      if (![...rows.values()].some(({ state }) => state === "running")) return [];
      return steps.length > 1
        ? ["", ...describeRows([...rows], { columns, rows: height }, now, paint)]
        : [describeRunning([...rows], columns, now, paint)];
    },
  };
}

function noteEvent(rows: Rows, event: RunEvent, now: number): void {
  const change = (step: string, changed: Partial<StepRow>): void => {
    const row = rows.get(step) ?? { state: "running", began: now, note: "" };
    rows.set(step, { ...row, ...changed });
  };
  switch (event.kind) {
    case "step-started":
      return change(event.step, { state: "running", began: now });
    case "metric":
      return change(event.step, { note: `${event.key} = ${shortNumber(event.value)}` });
    case "step-ended": {
      const { ok, milliseconds } = event;
      return change(event.step, { state: ok ? "done" : "failed", milliseconds });
    }
    case "step-cached":
      return change(event.step, { state: "cached" });
    case "step-kept":
      return change(event.step, { state: "kept" });
    case "step-cancelled":
      return change(event.step, { state: "left out" });
    default:
      return undefined;
  }
}

type Named = readonly [name: string, row: StepRow];

function describeRunning(
  rows: readonly Named[],
  columns: number,
  now: number,
  paint: Paint,
): string {
  const running = rows.filter(([, { state }]) => state === "running");
  const pieces = running.flatMap(([name, row]): readonly Piece[] => [
    [name],
    [timeOf(row, now)],
    [row.note, "faint"],
  ]);
  return fitLine([[spinner(now)], ...pieces], columns, paint);
}

const order: readonly StepState[] = [
  "running",
  "failed",
  "waiting",
  "done",
  "cached",
  "kept",
  "left out",
];
const roles: Partial<Readonly<Record<StepState, Role>>> = {
  running: "strong",
  failed: "error",
  done: "fix",
  cached: "fix",
  kept: "fix",
};
/** Rows of the screen that stay for the text above. */
const above = 6;

/** In the plan's order; where the screen is too small, those that matter now, and how many others there are. */
function describeRows(
  rows: readonly Named[],
  screen: { readonly columns: number; readonly rows: number },
  now: number,
  paint: Paint,
): readonly string[] {
  const most = Math.max(2, screen.rows - above);
  const chosen = rows.length > most ? mostUrgent(rows, most - 1) : rows;
  const names = Math.min(
    widest(rows.map(([name]) => name)),
    Math.max(8, Math.floor(screen.columns / 3)),
  );
  const lines = chosen.map(([name, row]) =>
    fitLine(
      [
        [`${row.state === "running" ? spinner(now) : " "} ${column(name, names)}`],
        [row.state.padEnd("left out".length), roles[row.state] ?? "faint"],
        [timeOf(row, now).padStart("59.9 s".length)],
        [row.note, "faint"],
      ],
      screen.columns,
      paint,
    ),
  );
  const others = rows.filter((row) => !chosen.includes(row));
  if (others.length === 0) return lines;
  return [
    ...lines,
    fitLine([[`  and ${others.length} more: ${countStates(others)}`]], screen.columns, paint),
  ];
}

function mostUrgent(rows: readonly Named[], most: number): readonly Named[] {
  const rank = ([, { state }]: Named): number => order.indexOf(state);
  const chosen = rows.toSorted((a, b) => rank(a) - rank(b)).slice(0, most);
  return rows.filter((row) => chosen.includes(row));
}

/** `8 done, 4 waiting` */
function countStates(rows: readonly Named[]): string {
  const states = Map.groupBy(rows, ([, { state }]) => state);
  return order
    .flatMap((state) => (states.has(state) ? [`${states.get(state)?.length} ${state}`] : []))
    .join(", ");
}

/** How long it took, or has taken so far; empty for a step that does not run. */
function timeOf({ state, began, milliseconds }: StepRow, now: number): string {
  if (milliseconds !== undefined) return durationText(Math.round(milliseconds));
  return state === "running" ? elapsed(now - began) : "";
}
