/** How well the corpus is diagnosed, counted. */
import { type Cause, causes } from "../../src/repro/cause.ts";
import type { Half } from "./corpus.ts";
import { type Judged, type Measured, falseAlarms, judge } from "./corpus-measure.ts";

/** Shares from 0 to 1; a share of nothing is 1. */
export interface Counted {
  readonly scripts: number;
  readonly found: number;
  readonly rightClass: number;
  readonly rightLine: number;
  /** Scripts without a planted cause of which something was said. */
  readonly falseAlarms: number;
  /** Causes that were named besides the planted ones. */
  readonly besides: number;
  /** Of a diagnosis; where two recorded runs are compared there is none. */
  readonly medianSeconds: number;
  readonly worstSeconds: number;
}

export function count(measured: readonly Measured[]): Counted {
  const planted = measured.filter(({ script }) => script.planted.length > 0);
  const judged = planted.flatMap(judge);
  const alarms = measured.filter((one) => falseAlarms(one).length > 0);
  const seconds = measured
    .filter(({ script }) => !script.shownBy.includes("later"))
    .map((one) => one.seconds)
    .toSorted((a, b) => a - b);
  return {
    scripts: measured.length,
    found: share(planted, ({ isFound }) => isFound),
    rightClass: share(judged, ({ isRightClass }) => isRightClass),
    rightLine: share(
      judged.filter(({ isRightLine }) => isRightLine !== undefined),
      ({ isRightLine }) => isRightLine === true,
    ),
    falseAlarms: alarms.filter(({ script }) => script.planted.length === 0).length,
    besides: planted.flatMap(falseAlarms).length,
    medianSeconds: seconds[Math.floor(seconds.length / 2)] ?? 0,
    worstSeconds: seconds.at(-1) ?? 0,
  };
}

function share<T>(all: readonly T[], isGood: (one: T) => boolean): number {
  return all.length === 0 ? 1 : all.filter(isGood).length / all.length;
}

/** The confusion matrix: a row for each planted class that was measured, and what was said instead. */
export function printMatrix(half: Half, measured: readonly Measured[]): string {
  const lines = Object.keys(causes).flatMap((name) => {
    const own = measured.flatMap((one) =>
      judge(one)
        .filter(({ planted }) => planted.classes[0] === name)
        .map((judged) => ({ judged, one })),
    );
    return own.length === 0 ? [] : [rowOf(name as Cause, own)];
  });
  const head = `${"planted".padEnd(16)} number  found  class  line   said instead`;
  const fine = measured.filter(({ script }) => script.planted.length === 0);
  const alarms = fine.flatMap(falseAlarms).map(({ cause }) => cause);
  const last = `${"(nothing)".padEnd(16)} ${String(fine.length).padStart(6)}  ${tally(alarms)}`;
  return [`${half}`, head, ...lines, last.trimEnd()].join("\n");
}

function rowOf(
  name: Cause,
  own: readonly { readonly judged: Judged; readonly one: Measured }[],
): string {
  const number = (isGood: (judged: Judged) => boolean | undefined): string =>
    String(own.filter(({ judged }) => isGood(judged) === true).length);
  const instead = own.flatMap(({ judged, one }) =>
    judged.isRightClass ? [] : falseAlarms(one).map(({ cause }) => cause),
  );
  const cells = [
    name.padEnd(16),
    String(own.length).padStart(6),
    number(({ isFound }) => isFound).padStart(5),
    number(({ isRightClass }) => isRightClass).padStart(5),
    number(({ isRightLine }) => isRightLine !== false).padStart(4),
    ` ${tally(instead)}`,
  ];
  return cells.join("  ").trimEnd();
}

/** `clock 2, host` */
function tally(names: readonly string[]): string {
  const groups = Map.groupBy(names, (name) => name);
  return [...groups]
    .map(([name, all]) => (all.length > 1 ? `${name} ${all.length}` : name))
    .join(", ");
}

/** What was missed, a line each; by name in the half that may be read, by class in the other. */
export function printMisses(half: Half, measured: readonly Measured[]): string {
  const lines = measured.flatMap((one) => {
    const alarms = falseAlarms(one).map(saidText);
    const misses = judge(one).flatMap((judged) => missOf(judged));
    if (alarms.length === 0 && misses.length === 0) return [];
    if (half === "held-out") return misses;
    const said = one.said.map(saidText).join(", ") || "nothing";
    return [
      `${one.script.name}: ${[...misses, ...(alarms.length > 0 ? ["too much"] : [])].join(", ")}; said: ${said}`,
    ];
  });
  return half === "held-out" ? tally(lines.toSorted()) : lines.join("\n");
}

function missOf({ planted, isFound, isRightClass, isRightLine }: Judged): readonly string[] {
  const [name = ""] = planted.classes;
  if (!isFound) return [`${name} not found`];
  if (!isRightClass) return [`${name} not named`];
  return isRightLine === false ? [`${name} at another line`] : [];
}

function saidText({ cause, places }: Measured["said"][number]): string {
  return [cause, ...places].join(" ");
}
