/** Items that declare what a step gives: metrics, models, artifacts. */
import type { ArtifactItem, Goal, MetricItem, ModelItem, ModelOption } from "../ast.ts";
import { type Readers, readBlock, readChosen, readItem } from "./item.ts";
import type { Cst } from "./match.ts";
import { optional, part, readName, readNames, spanOf, textOf } from "./node.ts";
import type { Reader } from "./reader.ts";
import { readAt, readFormat, readNote, readTag } from "./shared.ts";
import { readText } from "./text.ts";
import { readCall, readDomain, readKey } from "./value.ts";

export function readMetric(node: Cst, reader: Reader): MetricItem {
  return readItem(node, reader, () => {
    const over = optional(node, 2);
    const call = optional(node, 3);
    const goal = optional(node, 4);
    const domain = optional(node, 5);
    return {
      kind: "metric",
      key: readKey(part(node, 1), reader),
      over: over && readName(part(over, 1), reader),
      call: call && readCall(part(call, 1), reader),
      goal: goal && { span: spanOf(goal), name: textOf(goal, reader) as Goal },
      domain: domain && readDomain(domain, reader),
      note: readNote(node, 6, reader),
    };
  });
}

export function readModel(node: Cst, reader: Reader): ModelItem {
  return readItem(node, reader, () => {
    const flavor = optional(node, 2);
    const block = optional(node, 4);
    return {
      kind: "model",
      key: readKey(part(node, 1), reader),
      flavor: flavor && readName(part(flavor, 1), reader),
      at: readAt(optional(node, 3), reader),
      block: block && readBlock(block, reader, readModelOption),
      note: readNote(node, 5, reader),
    };
  });
}

export function readModelOption(node: Cst, reader: Reader): ModelOption {
  return readChosen(node, reader, modelOptions);
}

const modelOptions: Readers<ModelOption> = {
  Register: (node, reader) =>
    readItem(node, reader, () => {
      const alias = optional(node, 2);
      return {
        kind: "register",
        name: readText(part(node, 1), reader),
        alias: alias && readName(part(alias, 1), reader),
      };
    }),
  Probe: (node, reader) =>
    readItem(node, reader, () => ({ kind: "probe", variable: readName(part(node, 1), reader) })),
  Packages: (node, reader) =>
    readItem(node, reader, () => ({ kind: "packages", names: readNames(part(node, 1), reader) })),
  Tag: readTag,
};

export function readArtifact(node: Cst, reader: Reader): ArtifactItem {
  return readItem(node, reader, () => ({
    kind: "artifact",
    key: readKey(part(node, 1), reader),
    format: readFormat(optional(node, 2), reader),
    at: readAt(optional(node, 3), reader),
    note: readNote(node, 4, reader),
  }));
}
