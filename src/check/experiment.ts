/** Experiments: the one that a file names, and the one that each run is in. */
import type { ExperimentNode, Module, RunItem } from "../syntax/ast.ts";
import type { CheckContext } from "./context.ts";
import { only, readable } from "./items.ts";
import { checkExperimentName } from "./keys.ts";
import type { Experiment } from "./program.ts";
import type { ModuleScope, RunScope } from "./scope.ts";
import { readTags } from "./tags.ts";
import { fixedText } from "./texts.ts";

/** What MLflow calls the experiment of runs that name none. */
const unnamed = "Default";

/** Of all files by path; absent where a file names none. */
export type Experiments = ReadonlyMap<string, Experiment>;

export function readExperiments(context: CheckContext, homes: Iterable<ModuleScope>): Experiments {
  const experiments = new Map<string, Experiment>();
  for (const home of homes) {
    const node = only(context, home.module, home.module.declarations, "experiment");
    if (node) experiments.set(home.path, readExperiment(context, home.module, node));
  }
  return experiments;
}

function readExperiment(context: CheckContext, module: Module, node: ExperimentNode): Experiment {
  const name = fixedText(context, module, node.name);
  checkExperimentName(context, module, node.name, name);
  const noHoles = { names: new Set<string>(), complete: true };
  const tags = readTags(context, module, readable(node.block), noHoles);
  return {
    name,
    tags: tags.map(({ key, value }) => ({ key, value: value.join("") })),
    doc: node.doc?.text ?? "",
  };
}

/** The run's own; else that of its file; else that of the file that was asked for; else MLflow's default. */
export function experimentOf(
  context: CheckContext,
  experiments: Experiments,
  { node, home }: RunScope,
  items: readonly RunItem[],
): string {
  const item = only(context, home.module, items, "run-experiment");
  if (item) {
    const name = fixedText(context, home.module, item.name);
    checkExperimentName(context, home.module, item.name, name);
    return name;
  }
  const [entry = ""] = context.loaded.modules.keys();
  const named = experiments.get(home.path) ?? experiments.get(entry);
  if (!named && home.complete) checkExperimentName(context, home.module, node.name, unnamed);
  return named?.name ?? unnamed;
}
