/** What a project needs of Python: its version and packages, from python_env.yaml or conda.yaml. */
import { diagnose } from "../source/messages.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import type { SourceText } from "../source/text.ts";
import { type Findings, sayShape, warnOfStrangers } from "./findings.ts";
import { type Tree, entryOf, isNothing, readTree } from "./yaml-tree.ts";

export interface PythonEnvironment {
  /** `3.10` or `3.10.13`; undefined: any. */
  readonly python: string | undefined;
  /** Lines of a requirements file; installed before `dependencies`. */
  readonly build: readonly string[];
  readonly dependencies: readonly string[];
}

export interface ReadPythonEnvironment {
  /** Undefined where there are errors. */
  readonly environment: PythonEnvironment | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export const anyPython: PythonEnvironment = { python: undefined, build: [], dependencies: [] };

type Reading = (tree: Tree, findings: Findings) => PythonEnvironment;

/** python_env.yaml: `python`, `build_dependencies`, `dependencies`. */
export function readPythonEnv(source: SourceText): ReadPythonEnvironment {
  return read(source, readPythonTree);
}

/** conda.yaml, of which venv and pip can make Python itself, pip, setuptools, wheel and the list behind `pip:`. */
export function readCondaEnv(source: SourceText): ReadPythonEnvironment {
  return read(source, readCondaTree);
}

function read(source: SourceText, reading: Reading): ReadPythonEnvironment {
  const { tree, diagnostics } = readTree(source);
  const findings: Findings = { diagnostics: [...diagnostics], hasFile: () => false };
  const isMap = tree !== undefined && (tree.kind === "map" || isNothing(tree));
  if (tree && !isMap) sayShape(`\`${source.path}\``, "a map of `key: value` lines", tree, findings);
  const environment = isMap ? reading(tree, findings) : undefined;
  const isSound = findings.diagnostics.every(({ severity }) => severity !== "error");
  return { environment: isSound ? environment : undefined, diagnostics: findings.diagnostics };
}

function readPythonTree(tree: Tree, findings: Findings): PythonEnvironment {
  warnOfStrangers(tree, ["python", "build_dependencies", "dependencies"], findings);
  const python = entryOf(tree, "python");
  const version = python && textOf(python.value);
  if (python && version === undefined)
    sayShape("`python`", 'a text in quotes: "3.10"', python.value, findings);
  return {
    python: version,
    build: readTexts(tree, "build_dependencies", findings),
    dependencies: readTexts(tree, "dependencies", findings),
  };
}

function textOf(tree: Tree): string | undefined {
  return tree.kind === "scalar" && tree.value.kind === "text" ? tree.value.value : undefined;
}

function readTexts(tree: Tree, key: string, findings: Findings): readonly string[] {
  const entry = entryOf(tree, key);
  if (!entry) return [];
  const texts = entry.value.kind === "list" ? entry.value.items.map(textOf) : [undefined];
  if (texts.includes(undefined))
    sayShape(
      `\`${key}\``,
      "a list of texts, each as in a requirements file",
      entry.value,
      findings,
    );
  return texts.filter((text) => text !== undefined);
}

function readCondaTree(tree: Tree, findings: Findings): PythonEnvironment {
  const entry = entryOf(tree, "dependencies");
  if (!entry) return anyPython;
  if (entry.value.kind !== "list") {
    sayShape("`dependencies`", "a list", entry.value, findings);
    return anyPython;
  }
  return entry.value.items.reduce(
    (sum, item) =>
      item.kind === "map" ? addPip(sum, item, findings) : addOne(sum, item, findings),
    anyPython,
  );
}

function addPip(sum: PythonEnvironment, item: Tree, findings: Findings): PythonEnvironment {
  return { ...sum, dependencies: [...sum.dependencies, ...readTexts(item, "pip", findings)] };
}

const buildable = /^(python|pip|setuptools|wheel)(?:(<=|>=|==|=|<|>|!=)([\d.]+))?$/;

function addOne(sum: PythonEnvironment, item: Tree, findings: Findings): PythonEnvironment {
  const text = textOf(item) ?? "";
  const [, name, sign, version] = buildable.exec(text) ?? [];
  const problem = whyNot(name, sign);
  if (problem !== undefined) {
    findings.diagnostics.push(diagnose("M0911", item.place, { requirement: text, problem }));
    return sum;
  }
  if (name === "python") return { ...sum, python: sum.python ?? version };
  const pinned = version === undefined ? "" : (sign === "=" ? "==" : (sign ?? "")) + version;
  return { ...sum, build: [...sum.build, `${name}${pinned}`] };
}

/** Why pip cannot install a dependency of conda. */
function whyNot(name: string | undefined, sign: string | undefined): string | undefined {
  if (name === undefined) return "is a package of conda, which pip cannot install";
  if (name !== "python") return undefined;
  if (sign === undefined) return "names no version, and one is needed: python=3.10";
  return ["<", ">", "!="].includes(sign) ? "names no version: write python=3.10" : undefined;
}
