/** `reproducible` and its tolerances. */
import type { ReproducibleItem, ToleranceNode } from "../ast.ts";
import { type Readers, readBlock, readChosen, readItem } from "./item.ts";
import type { Cst } from "./match.ts";
import { optional, part, readName, readNames, textOf } from "./node.ts";
import type { Reader } from "./reader.ts";
import { readNumber, readPercent, readRange } from "./value.ts";

export function readReproducible(node: Cst, reader: Reader): ReproducibleItem {
  return readItem(node, reader, () => {
    const contract = part(node, 1);
    if (contract.rule === "ToleranceBlock") {
      const block = readBlock(contract, reader, readTolerance);
      return { kind: "reproducible", exact: undefined, block };
    }
    const except = optional(contract, 1);
    const names = except ? readNames(part(except, 1), reader) : [];
    return { kind: "reproducible", exact: { except: names }, block: undefined };
  });
}

export function readTolerance(node: Cst, reader: Reader): ToleranceNode {
  return readChosen(node, reader, tolerances);
}

const tolerances: Readers<ToleranceNode> = {
  AcrossSeeds: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "across-seeds",
      range: readRange(part(node, 2), reader),
    })),
  WithinUlp: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "tolerance-ulp",
      name: readName(part(node, 0), reader),
      ulp: readNumber(part(node, 2), reader),
    })),
  Within: readWithin,
  Distribution: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "tolerance-distribution",
      name: readName(part(node, 0), reader),
      margin: readNumber(part(node, 3), reader),
    })),
  Exact: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "tolerance-exact",
      name: readName(part(node, 0), reader),
    })),
  Ignored: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "tolerance-ignored",
      name: readName(part(node, 0), reader),
    })),
};

function readWithin(node: Cst, reader: Reader): ToleranceNode {
  return readItem(node, reader, () => {
    const amount = part(node, 2);
    const scale = optional(node, 3);
    return {
      kind: "tolerance-within",
      name: readName(part(node, 0), reader),
      amount: amount.rule === "percent" ? readPercent(amount, reader) : readNumber(amount, reader),
      scale: scale && (textOf(scale, reader) as "abs" | "rel"),
    };
  });
}
