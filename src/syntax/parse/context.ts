/** Where items stand: the blocks of the language, the words that begin their items, and how the items are read. */
import { readTolerance } from "./contract.ts";
import { readDeclaration, readProjectOption } from "./declaration.ts";
import { readCompareItem, readLaunchItem, readSweepItem } from "./many-runs.ts";
import type { Cst } from "./match.ts";
import { readModelOption } from "./output-items.ts";
import type { AnyItem, Reader } from "./reader.ts";
import { readRunItem, readTemplateItem } from "./run-items.ts";
import { readBinding, readTag } from "./shared.ts";
import { readResource } from "./step-items.ts";

export type ContextName =
  | "File"
  | "ProjectBlock"
  | "TagBlock"
  | "RunBlock"
  | "TemplateBlock"
  | "StepBlock"
  | "BindingBlock"
  | "ModelBlock"
  | "ResourceBlock"
  | "ToleranceBlock"
  | "SweepBlock"
  | "CompareBlock"
  | "LaunchBlock";

export interface Context {
  /** The rule that matches all of it; that of a block begins with `{`. */
  readonly rule: ContextName;
  /** Words that begin an item; empty where a name does. */
  readonly words: readonly string[];
  /** The contexts of the blocks that items have, by the item's first word. */
  readonly blocks: Readonly<Record<string, ContextName>>;
  /** What may stand here, for messages that would name too many words. */
  readonly phrase: string;
  /** Where this is: "in a run". */
  readonly where: string;
  readonly read: (node: Cst, reader: Reader) => AnyItem;
}

const outputs = ["input", "metric", "model", "artifact", "script"];
const stepWords = [...outputs, "secret", "resources", "after", "uses", "timeout", "cache", "env"];
const runWords = "step param tag seed reproducible expect require name experiment".split(" ");
const stepBlocks = {
  model: "ModelBlock",
  resources: "ResourceBlock",
  env: "BindingBlock",
} as const;
const aStep = "an item such as `input`, `metric`, `model`, `artifact`, `timeout` or a code block";

export const contexts: Readonly<Record<ContextName, Context>> = {
  File: {
    rule: "File",
    words: "import project experiment param step run sweep compare launch".split(" "),
    blocks: {
      project: "ProjectBlock",
      experiment: "TagBlock",
      step: "TemplateBlock",
      run: "RunBlock",
      sweep: "SweepBlock",
      compare: "CompareBlock",
      launch: "LaunchBlock",
    },
    phrase: "a declaration such as `run`, `param`, `step`, `sweep` or `compare`",
    where: "at the top of a file",
    read: readDeclaration,
  },
  ProjectBlock: {
    rule: "ProjectBlock",
    words: ["env", "main"],
    blocks: {},
    phrase: "`env` or `main`",
    where: "in a project",
    read: readProjectOption,
  },
  TagBlock: {
    rule: "TagBlock",
    words: ["tag"],
    blocks: {},
    phrase: "`tag`",
    where: "in an experiment",
    read: readTag,
  },
  RunBlock: {
    rule: "RunBlock",
    words: [...runWords, ...stepWords],
    blocks: { step: "StepBlock", reproducible: "ToleranceBlock", ...stepBlocks },
    phrase: "an item such as `param`, `metric`, `model`, `artifact`, `tag` or a code block",
    where: "in a run",
    read: readRunItem,
  },
  TemplateBlock: {
    rule: "TemplateBlock",
    words: ["param", ...stepWords],
    blocks: stepBlocks,
    phrase: aStep,
    where: "in a template",
    read: readTemplateItem,
  },
  StepBlock: {
    rule: "StepBlock",
    words: stepWords,
    blocks: stepBlocks,
    phrase: aStep,
    where: "in a step",
    read: readTemplateItem,
  },
  BindingBlock: {
    rule: "BindingBlock",
    words: [],
    blocks: {},
    phrase: "a name, `=` and a value",
    where: "between names and values",
    read: readBinding,
  },
  ModelBlock: {
    rule: "ModelBlock",
    words: ["register", "probe", "packages", "tag"],
    blocks: {},
    phrase: "`register`, `probe`, `packages` or `tag`",
    where: "in a model",
    read: readModelOption,
  },
  ResourceBlock: {
    rule: "ResourceBlock",
    words: ["cpus", "memory", "gpus"],
    blocks: {},
    phrase: "`cpus`, `memory` or `gpus`",
    where: "in `resources`",
    read: readResource,
  },
  ToleranceBlock: {
    rule: "ToleranceBlock",
    words: [],
    blocks: {},
    phrase: "a name and its tolerance, or `across seeds`",
    where: "in `reproducible`",
    read: readTolerance,
  },
  SweepBlock: {
    rule: "SweepBlock",
    words: ["grid", "random", "vary", "set", "parallel", "best", "tag", "expect"],
    blocks: {},
    phrase: "an item such as `grid`, `random`, `vary`, `set` or `best by`",
    where: "in a sweep",
    read: readSweepItem,
  },
  CompareBlock: {
    rule: "CompareBlock",
    words: ["runs", "where", "show", "best"],
    blocks: {},
    phrase: "`runs`, `where`, `best by` or `show`",
    where: "in a compare",
    read: readCompareItem,
  },
  LaunchBlock: {
    rule: "LaunchBlock",
    words: ["git", "entry", "backend", "set"],
    blocks: {},
    phrase: "`git`, `entry`, `backend` or `set`",
    where: "in a launch",
    read: readLaunchItem,
  },
};

/** The block that the item `header`, a text up to its `{`, opens in `context`; undefined where items have none. */
export function blockContext(context: Context, header: string): Context | undefined {
  const word = /^[\p{L}_]+/u.exec(header)?.[0] ?? "";
  const name = Object.hasOwn(context.blocks, word) ? context.blocks[word] : undefined;
  if (word === "step" && name && header.includes("=")) return contexts.BindingBlock;
  return name && contexts[name];
}
