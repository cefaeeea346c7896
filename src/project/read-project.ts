/** From the text of an MLproject to what it says, and everything that is wrong with it. */
import type { Diagnostic } from "../source/diagnostic.ts";
import { diagnose } from "../source/messages.ts";
import type { Place, SourceText } from "../source/text.ts";
import { type Findings, readText, sayShape, warnOfStrangers } from "./findings.ts";
import type { EntryPoint, Parameter, Project } from "./project.ts";
import { pythonText } from "./python-value.ts";
import { readEnvironment } from "./read-environment.ts";
import { type Tree, type TreeEntry, entryOf, isNothing, readTree, valueOf } from "./yaml-tree.ts";

export interface ReadProject {
  /** Undefined where there are errors. */
  readonly project: Project | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

const topKeys = [
  "name",
  "entry_points",
  "python_env",
  "conda_env",
  "docker_env",
  "databricks_spark_job",
];

/** Reads the file as MLflow does; `source` undefined: the folder has no MLproject. */
export function readProject(
  source: SourceText | undefined,
  hasFile: (path: string) => boolean,
): ReadProject {
  const { tree, diagnostics } = source ? readTree(source) : { tree: undefined, diagnostics: [] };
  const findings: Findings = { diagnostics: [...diagnostics], hasFile };
  const isMap = tree === undefined || requireMap(tree, "the MLproject", findings);
  const project: Project = {
    name: tree && readName(tree, findings),
    environment: readEnvironment(isMap ? tree : undefined, findings),
    entries: new Map(tree && readEntries(tree, findings)),
    isSparkJob: tree !== undefined && entryOf(tree, "databricks_spark_job") !== undefined,
  };
  if (tree) warnOfStrangers(tree, topKeys, findings);
  const isSound = findings.diagnostics.every(({ severity }) => severity !== "error");
  return { project: isSound ? project : undefined, diagnostics: findings.diagnostics };
}

/** An empty file is an empty map. */
function requireMap(tree: Tree, what: string, findings: Findings): boolean {
  if (tree.kind === "map" || isNothing(tree)) return true;
  sayShape(what, "a map of `key: value` lines", tree, findings);
  return false;
}

function readName(tree: Tree, findings: Findings): string | undefined {
  const entry = entryOf(tree, "name");
  return entry && readText(entry, "`name`", findings);
}

function readEntries(tree: Tree, findings: Findings): readonly (readonly [string, EntryPoint])[] {
  const points = entryOf(tree, "entry_points");
  if (!points) return [];
  if (points.value.kind !== "map") {
    sayShape(
      "`entry_points`",
      "a map of entry points, each with its command",
      points.value,
      findings,
    );
    return [];
  }
  return points.value.entries.flatMap((entry) => {
    const point = readEntry(entry, findings);
    return point ? [[entry.name, point] as const] : [];
  });
}

function readEntry({ name, value, place }: TreeEntry, findings: Findings): EntryPoint | undefined {
  if (value.kind !== "map") {
    sayShape(
      `the entry point \`${name}\``,
      'a map with a command: {command: "…"}',
      value,
      findings,
    );
    return undefined;
  }
  warnOfStrangers(value, ["parameters", "command"], findings);
  const parameters = readParameters(name, value, findings);
  const command = entryOf(value, "command");
  if (!command) return sayNoCommand(name, place, findings);
  const text = readCommand(name, command, findings);
  return text === undefined
    ? undefined
    : { name, parameters, command: text, place: command.value.place };
}

function sayNoCommand(entry: string, place: Place, findings: Findings): undefined {
  findings.diagnostics.push(diagnose("M0906", place, { entry }));
}

function readCommand(name: string, { value }: TreeEntry, findings: Findings): string | undefined {
  if (value.kind === "scalar" && value.value.kind === "text") return value.value.value;
  sayShape(`the command of \`${name}\``, "one text in quotes", value, findings);
  return undefined;
}

function readParameters(entry: string, tree: Tree, findings: Findings): readonly Parameter[] {
  const parameters = entryOf(tree, "parameters");
  if (!parameters) return [];
  if (parameters.value.kind === "map")
    return parameters.value.entries.flatMap((one) => readParameter(one, findings) ?? []);
  const expected = "a map of `name: type` lines";
  sayShape(`\`parameters\` of \`${entry}\``, expected, parameters.value, findings);
  return [];
}

/** `name: type`, or `name: {type: …, default: …}`; without a type it is a string, a null is no default. */
function readParameter({ name, value }: TreeEntry, findings: Findings): Parameter | undefined {
  if (value.kind === "scalar" && value.value.kind === "text")
    return { name, type: value.value.value, default: undefined };
  if (value.kind !== "map") {
    const expected = `its type, or a map: {type: float, default: 0.5}`;
    sayShape(`the parameter \`${name}\``, expected, value, findings);
    return undefined;
  }
  warnOfStrangers(value, ["type", "default"], findings);
  const type = entryOf(value, "type");
  const fallback = entryOf(value, "default");
  return {
    name,
    type: (type && readText(type, `the type of \`${name}\``, findings)) ?? "string",
    default: fallback && pythonText(valueOf(fallback.value)),
  };
}
