/** The first value that differs, on one line. */
import { formatNumber } from "../../check/domain.ts";
import type { Comparison, Difference, Row } from "../compare/comparison.ts";

/** `fit.rmse: 4.38 → 2.23`; empty where nothing differs. */
export function firstDifference({ rows }: Comparison): string {
  const row = rows.find(({ verdict }) => verdict === "DIFFERENT");
  return row ? describeRow(row) : "";
}

function describeRow({ step, key, difference }: Row): string {
  const name = [step, key].filter((part) => part !== "").join(".");
  return difference ? `${name}: ${describe(difference)}` : name;
}

function describe(difference: Difference): string {
  switch (difference.kind) {
    case "only":
      return difference.side === "before" ? "given → not given" : "not given → given";
    case "failures":
      return arrow(difference.before?.message ?? "done", difference.after?.message ?? "done");
    case "points": {
      const [point] = difference.points;
      const at = difference.compared > 1 ? `at step ${point?.step}, ` : "";
      return `${at}${arrow(point?.before, point?.after)}`;
    }
    case "cells": {
      const [cell] = difference.cells;
      if (cell) return `row ${cell.row}, ${cell.column}, ${arrow(cell.before, cell.after)}`;
      const { before, after } = difference;
      return `${arrow(before.rows, after.rows)} rows`;
    }
    case "values": {
      const [value] = difference.values;
      return `${value?.path ?? ""} ${arrow(value?.before, value?.after)}`.trim();
    }
    case "predictions": {
      const first = difference.absolute ?? difference.others[0];
      const place = [first?.row && `row ${first.row}`, first?.column].filter(Boolean);
      return [...place, arrow(first?.before, first?.after)].join(", ");
    }
    case "lines":
      return changedLines(difference.patch);
    case "bytes":
      return `byte ${difference.offset} (${arrow(difference.before, difference.after)} bytes)`;
    case "pictures": {
      const size = ({ width, height }: typeof difference.before) => `${width}×${height}`;
      if (difference.pixels !== undefined) return `${difference.pixels} pixels`;
      return arrow(size(difference.before), size(difference.after));
    }
    case "files": {
      const [file] = difference.files;
      return file ? `${file.path}: ${describe(file.difference)}` : "";
    }
    default:
      return difference satisfies never;
  }
}

function arrow(before: unknown, after: unknown): string {
  return `${shown(before)} → ${shown(after)}`;
}

function shown(value: unknown): string {
  return value === undefined
    ? "none"
    : typeof value === "number"
      ? formatNumber(value)
      : String(value);
}

function changedLines(patch: string | undefined): string {
  const lines = patch?.split("\n") ?? [];
  const first = (sign: string): string | undefined =>
    lines.find((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)))?.slice(1);
  return patch === undefined ? "most lines" : arrow(first("-"), first("+"));
}
