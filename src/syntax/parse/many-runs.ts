/** Declarations about more than one run: sweep, compare, launch. */
import type {
  BestByItem,
  CompareItem,
  CompareNode,
  LaunchItem,
  LaunchNode,
  SetItem,
  SweepItem,
  SweepNode,
} from "../ast.ts";
import { type Readers, readBlock, readChosen, readItem } from "./item.ts";
import type { Cst } from "./match.ts";
import { optional, part, readName, readNames } from "./node.ts";
import type { Reader } from "./reader.ts";
import { readAt, readNote, readTag } from "./shared.ts";
import { readText } from "./text.ts";
import { readCondition, readKey, readNumber, readRangeOrList, readValue } from "./value.ts";

export function readSweep(node: Cst, reader: Reader): SweepNode {
  return readItem(node, reader, () => ({
    kind: "sweep",
    name: readName(part(node, 1), reader),
    of: readName(part(node, 3), reader),
    block: readBlock(part(node, 4), reader, readSweepItem),
  }));
}

export function readSweepItem(node: Cst, reader: Reader): SweepItem {
  return readChosen(node, reader, sweepItems);
}

const sweepItems: Readers<SweepItem> = {
  Grid: (node, reader) => readItem(node, reader, () => ({ kind: "grid" })),
  Random: (node, reader) =>
    readItem(node, reader, () => {
      const seed = optional(node, 3);
      return {
        kind: "random",
        trials: readNumber(part(node, 1), reader),
        seed: seed && readNumber(part(seed, 1), reader),
      };
    }),
  Vary: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "vary",
      param: readName(part(node, 1), reader),
      log: optional(node, 3) !== undefined,
      values: readRangeOrList(part(node, 4), reader),
    })),
  Parallel: (node, reader) =>
    readItem(node, reader, () => ({ kind: "parallel", count: readNumber(part(node, 1), reader) })),
  Expect: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "expect",
      condition: readCondition(part(node, 1), reader),
    })),
  Set: readSet,
  BestBy: readBestBy,
  Tag: readTag,
};

function readSet(node: Cst, reader: Reader): SetItem {
  return readItem(node, reader, () => {
    const binding = part(node, 1);
    return {
      kind: "set",
      key: readKey(part(binding, 0), reader),
      value: readValue(part(binding, 2), reader),
    };
  });
}

function readBestBy(node: Cst, reader: Reader): BestByItem {
  return readItem(node, reader, () => ({
    kind: "best-by",
    metrics: readNames(part(node, 2), reader),
  }));
}

export function readCompare(node: Cst, reader: Reader): CompareNode {
  return readItem(node, reader, () => ({
    kind: "compare",
    name: readName(part(node, 1), reader),
    block: readBlock(part(node, 2), reader, readCompareItem),
  }));
}

export function readCompareItem(node: Cst, reader: Reader): CompareItem {
  return readChosen(node, reader, compareItems);
}

const compareItems: Readers<CompareItem> = {
  Runs: (node, reader) =>
    readItem(node, reader, () => ({ kind: "runs", names: readNames(part(node, 1), reader) })),
  Where: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "where",
      condition: readCondition(part(node, 1), reader),
    })),
  Show: (node, reader) =>
    readItem(node, reader, () => ({ kind: "show", names: readNames(part(node, 1), reader) })),
  BestBy: readBestBy,
};

export function readLaunch(node: Cst, reader: Reader): LaunchNode {
  return readItem(node, reader, () => ({
    kind: "launch",
    name: readName(part(node, 1), reader),
    block: readBlock(part(node, 2), reader, readLaunchItem),
  }));
}

export function readLaunchItem(node: Cst, reader: Reader): LaunchItem {
  return readChosen(node, reader, launchItems);
}

const launchItems: Readers<LaunchItem> = {
  Git: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "git",
      url: readText(part(node, 1), reader),
      at: readAt(optional(node, 2), reader),
    })),
  Entry: (node, reader) =>
    readItem(node, reader, () => ({ kind: "entry", name: readName(part(node, 1), reader) })),
  Backend: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "backend",
      name: readName(part(node, 1), reader),
      config: readNote(node, 2, reader),
    })),
  Set: readSet,
};
