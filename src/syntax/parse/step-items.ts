/** Items that a step may hold. */
import type {
  CodeItem,
  EnvItem,
  InputItem,
  InputName,
  Language,
  ResourceOption,
  ResourcesItem,
  SecretItem,
  SourceNode,
  StepItem,
} from "../ast.ts";
import { type Readers, readBlock, readChosen, readItem } from "./item.ts";
import type { Cst } from "./match.ts";
import { chosen, optional, part, readName, readNames, spanOf } from "./node.ts";
import { readArtifact, readMetric, readModel } from "./output-items.ts";
import type { Reader } from "./reader.ts";
import { readBinding, readFormat } from "./shared.ts";
import { readText } from "./text.ts";
import { readDuration, readNumber, readSize } from "./value.ts";

export const stepItems: Readers<StepItem> = {
  Input: readInput,
  Metric: readMetric,
  Model: readModel,
  Artifact: readArtifact,
  Code: readCode,
  Secret: readSecret,
  Resources: readResources,
  Env: readEnv,
  Script: (node, reader) =>
    readItem(node, reader, () => ({ kind: "script", path: readText(part(node, 1), reader) })),
  After: (node, reader) =>
    readItem(node, reader, () => ({ kind: "after", names: readNames(part(node, 1), reader) })),
  Uses: (node, reader) =>
    readItem(node, reader, () => ({ kind: "uses", names: readNames(part(node, 1), reader) })),
  Timeout: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "timeout",
      duration: readDuration(part(node, 1), reader),
    })),
  CacheOff: (node, reader) => readItem(node, reader, () => ({ kind: "cache-off" })),
};

function readInput(node: Cst, reader: Reader): InputItem {
  return readItem(node, reader, () => ({
    kind: "input",
    names: part(node, 1).children.map((name) => readInputName(name, reader)),
    from: readSource(chosen(part(node, 3)), reader),
  }));
}

function readInputName(node: Cst, reader: Reader): InputName {
  const alias = optional(node, 1);
  return {
    span: spanOf(node),
    name: readName(part(node, 0), reader),
    alias: alias && readName(part(alias, 1), reader),
  };
}

function readSource(node: Cst, reader: Reader): SourceNode {
  const span = spanOf(node);
  switch (node.rule) {
    case "FromRun": {
      const run = part(node, 1);
      if (run.rule === "string") return { kind: "run-id", span, id: readText(run, reader) };
      return { kind: "run", span, run: readName(run, reader) };
    }
    case "FromBest":
      return { kind: "best", span, of: readName(part(node, 2), reader) };
    case "FromFile": {
      const path = readText(part(node, 0), reader);
      return { kind: "file", span, path, format: readFormat(optional(node, 1), reader) };
    }
    case "FromStep":
      return { kind: "step", span, step: readName(part(node, 0), reader) };
    default:
      throw new Error(`${node.rule} is not a source`);
  }
}

function readCode(node: Cst, reader: Reader): CodeItem {
  return readItem(node, reader, () => {
    const fence = reader.fences.get(node.start);
    if (!fence) throw new Error("code outside a fence");
    const body = { start: fence.bodyStart, end: fence.bodyEnd };
    return {
      kind: "code",
      language: languageOf(reader.text.slice(fence.start + fence.ticks, fence.bodyStart)),
      text: reader.text.slice(body.start, body.end),
      body,
      ticks: fence.ticks,
    };
  });
}

function languageOf(written: string): Language {
  return written.trim().toLowerCase() as Language;
}

function readSecret(node: Cst, reader: Reader): SecretItem {
  return readItem(node, reader, () => ({
    kind: "secret",
    name: readName(part(node, 1), reader),
    variable: readText(part(node, 4), reader),
  }));
}

function readResources(node: Cst, reader: Reader): ResourcesItem {
  return readItem(node, reader, () => ({
    kind: "resources",
    block: readBlock(part(node, 1), reader, readResource),
  }));
}

export function readResource(node: Cst, reader: Reader): ResourceOption {
  return readChosen(node, reader, resources);
}

const resources: Readers<ResourceOption> = {
  Cpus: (node, reader) =>
    readItem(node, reader, () => ({ kind: "cpus", count: readNumber(part(node, 1), reader) })),
  Gpus: (node, reader) =>
    readItem(node, reader, () => ({ kind: "gpus", count: readNumber(part(node, 1), reader) })),
  Memory: (node, reader) =>
    readItem(node, reader, () => ({ kind: "memory", size: readSize(part(node, 1), reader) })),
};

function readEnv(node: Cst, reader: Reader): EnvItem {
  return readItem(node, reader, () => ({
    kind: "env",
    block: readBlock(part(node, 1), reader, readBinding),
  }));
}
