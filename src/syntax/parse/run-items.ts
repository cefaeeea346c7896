/** Items of a run that a step does not have, and steps themselves. */
import type {
  ParamItem,
  RequireItem,
  RunItem,
  StepItem,
  StepNode,
  TypeName,
  TypeNode,
} from "../ast.ts";
import { readReproducible } from "./contract.ts";
import { type Readers, readBlock, readChosen, readItem } from "./item.ts";
import type { Cst } from "./match.ts";
import { chosen, optional, part, readName, spanOf, textOf } from "./node.ts";
import type { Reader } from "./reader.ts";
import { readBinding, readNote, readTag } from "./shared.ts";
import { stepItems } from "./step-items.ts";
import { readText } from "./text.ts";
import { readCondition, readDomain, readKey, readNumber, readValue } from "./value.ts";

/** The items of a run that are not those of a step. */
const runOnlyItems: Readers<Exclude<RunItem, StepItem>> = {
  Step: readStep,
  Param: readParam,
  Tag: readTag,
  Reproducible: readReproducible,
  Require: readRequire,
  Seed: (node, reader) =>
    readItem(node, reader, () => ({ kind: "seed", value: readNumber(part(node, 1), reader) })),
  Expect: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "expect",
      condition: readCondition(part(node, 1), reader),
    })),
  RunName: (node, reader) =>
    readItem(node, reader, () => ({ kind: "name", value: readText(part(node, 1), reader) })),
  RunExperiment: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "run-experiment",
      name: readText(part(node, 1), reader),
    })),
};

/** A `RunItem`. */
export function readRunItem(node: Cst, reader: Reader): RunItem {
  return readChosen<RunItem>(node, reader, { ...runOnlyItems, ...stepItems });
}

export function readParam(node: Cst, reader: Reader): ParamItem {
  return readItem(node, reader, () => {
    const type = optional(node, 2);
    const value = optional(node, 3);
    const domain = optional(node, 4);
    return {
      kind: "param",
      key: readKey(part(node, 1), reader),
      type: type && readType(part(type, 1), reader),
      default: value && readValue(part(value, 1), reader),
      domain: domain && readDomain(domain, reader),
      note: readNote(node, 5, reader),
    };
  });
}

function readType(node: Cst, reader: Reader): TypeNode {
  const name = textOf(part(node, 0), reader) as TypeName;
  return { span: spanOf(node), name, nullable: optional(node, 1) !== undefined };
}

function readRequire(node: Cst, reader: Reader): RequireItem {
  return readItem(node, reader, () => ({
    kind: "require",
    condition: readCondition(part(node, 1), reader),
    note: readNote(node, 2, reader),
  }));
}

/** A `Step` or a `Template`. */
export function readStep(node: Cst, reader: Reader): StepNode {
  return readItem(node, reader, () => ({
    kind: "step",
    name: readName(part(node, 1), reader),
    body: readStepBody(part(node, 2), reader),
  }));
}

function readStepBody(node: Cst, reader: Reader): StepNode["body"] {
  if (node.rule !== "StepCall")
    return { kind: "block", block: readBlock(node, reader, readTemplateItem) };
  const template = readName(part(node, 1), reader);
  return { kind: "call", template, block: readBlock(part(node, 2), reader, readBinding) };
}

/** A `StepItem` or a `TemplateItem`. */
export function readTemplateItem(node: Cst, reader: Reader): StepItem | ParamItem {
  const item = chosen(node);
  if (item.rule === "Param") return readParam(item, reader);
  return readChosen(node, reader, stepItems);
}
