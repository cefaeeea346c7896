/** Declarations at the top of a file. */
import type {
  Declaration,
  EditionNode,
  ExperimentNode,
  ImportNode,
  ProjectNode,
  ProjectOption,
  RunNode,
} from "../ast.ts";
import { type Readers, readBlock, readChosen, readItem } from "./item.ts";
import { readCompare, readLaunch, readSweep } from "./many-runs.ts";
import type { Cst } from "./match.ts";
import { optional, part, readName, readNames } from "./node.ts";
import type { Reader } from "./reader.ts";
import { readParam, readRunItem, readStep } from "./run-items.ts";
import { readNote, readTag } from "./shared.ts";
import { readText } from "./text.ts";
import { readKey, readNumber } from "./value.ts";

export function readDeclaration(node: Cst, reader: Reader): Declaration {
  return readChosen(node, reader, declarations);
}

const declarations: Readers<Declaration> = {
  Import: readImport,
  Project: readProject,
  Experiment: readExperiment,
  Param: readParam,
  Template: readStep,
  Run: readRun,
  Sweep: readSweep,
  Compare: readCompare,
  Launch: readLaunch,
};

export function readEdition(node: Cst, reader: Reader): EditionNode {
  return readItem(node, reader, () => ({ version: readNumber(part(node, 1), reader) }));
}

function readImport(node: Cst, reader: Reader): ImportNode {
  return readItem(node, reader, () => {
    const names = optional(node, 1);
    return {
      kind: "import",
      names: names ? readNames(part(names, 0), reader) : [],
      path: readText(part(node, 2), reader),
    };
  });
}

function readProject(node: Cst, reader: Reader): ProjectNode {
  return readItem(node, reader, () => ({
    kind: "project",
    key: readKey(part(node, 1), reader),
    block: readBlock(part(node, 2), reader, readProjectOption),
  }));
}

export function readProjectOption(node: Cst, reader: Reader): ProjectOption {
  return readChosen(node, reader, projectOptions);
}

const projectOptions: Readers<ProjectOption> = {
  ProjectEnv: (node, reader) =>
    readItem(node, reader, () => ({
      kind: "project-env",
      env: readName(part(node, 1), reader),
      file: readNote(node, 2, reader),
    })),
  Main: (node, reader) =>
    readItem(node, reader, () => ({ kind: "main", run: readName(part(node, 1), reader) })),
};

function readExperiment(node: Cst, reader: Reader): ExperimentNode {
  return readItem(node, reader, () => {
    const block = optional(node, 2);
    return {
      kind: "experiment",
      name: readText(part(node, 1), reader),
      block: block && readBlock(block, reader, readTag),
    };
  });
}

function readRun(node: Cst, reader: Reader): RunNode {
  return readItem(node, reader, () => ({
    kind: "run",
    name: readName(part(node, 1), reader),
    block: readBlock(part(node, 2), reader, readRunItem),
  }));
}
