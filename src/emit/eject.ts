/** Leaving mlpipe: a run as a plain script and a plain MLproject, which need MLflow only. */
import type { Language, Program, Run, Step } from "../check/program.ts";
import { ejectNode } from "./eject-node.ts";
import { ejectR } from "./eject-r.ts";
import { type ScriptText, type StandardUse, standardUse } from "./uses-standard.ts";
import { printProject } from "./mlproject.ts";

export type Ejected =
  | { readonly kind: "files"; readonly files: readonly EjectedFile[] }
  /** The run cannot be written so; `reason` says why, `fix` what to change. */
  | { readonly kind: "refused"; readonly reason: string; readonly fix: string };

/** A file of the ejected project: its text, or the project's file that is copied there. */
export type EjectedFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly copyOf: string };

/** Text of a file of the standard library, such as `r/metrics.R`. */
export type StandardSource = (name: string) => string;

/** Plain files of `run`. */
export function ejectRun(
  program: Program,
  run: Run,
  { standard, script: textOf }: { readonly standard: StandardSource; readonly script: ScriptText },
): Ejected {
  const refusal = refuse(run);
  if (refusal) return { kind: "refused", ...refusal };
  const use = standardUse(run, textOf);
  const isR = languageOf(run) === "r";
  const copied = copies(run);
  const name = `${run.name}.${isR ? "R" : "mjs"}`;
  const script = copied.some(({ path }) => path === name) ? `run-${name}` : name;
  const text = isR ? ejectR(program, run, use) : ejectNode(program, run, use);
  return {
    kind: "files",
    files: [
      { path: script, text },
      { path: "MLproject", text: mlproject(program, run, script) },
      ...standardFiles(use, isR, standard),
      ...dataFiles(run, standard),
      ...copied,
    ],
  };
}

function standardFiles(
  { metrics, split }: StandardUse,
  isR: boolean,
  standard: StandardSource,
): readonly EjectedFile[] {
  const shared = isR ? ["metrics.R"] : ["metric-values.mjs", "problem.mjs"];
  const parts = [
    ...(metrics || split ? shared : []),
    ...(metrics && !isR ? ["metrics.mjs"] : []),
    ...(split ? [isR ? "split.R" : "split.mjs"] : []),
  ].map((path) => ({ path, text: standard(`${isR ? "r" : "node"}/${path}`) }));
  return isR ? parts : [{ path: "tracking.mjs", text: standard("node/ejected.mjs") }, ...parts];
}

/** Data sets of the standard library, under the names by which the steps read them. */
function dataFiles(run: Run, standard: StandardSource): readonly EjectedFile[] {
  const inputs = run.steps.flatMap((step) => step.inputs);
  const paths = inputs.flatMap(({ from }) => (from.kind === "data" ? [from.path] : []));
  return [...new Set(paths)].map((path) => ({ path, text: standard(path.replace(/^std\//, "")) }));
}

/** The language that all steps share; undefined for a run of several. */
function languageOf(run: Run): "r" | "node" | undefined {
  const kinds = new Set(run.steps.map(({ language }) => familyOf(language)));
  return kinds.size === 1 ? [...kinds][0] : undefined;
}

function familyOf(language: Language): "r" | "node" {
  return language === "r" ? "r" : "node";
}

function refuse(run: Run): { reason: string; fix: string } | undefined {
  if (languageOf(run) === undefined)
    return {
      reason: `\`${run.name}\` has steps in R and in JavaScript, and one plain script holds one language`,
      fix: "split it into two runs",
    };
  if (run.steps.some(({ language }) => language === "ts"))
    return {
      reason: `\`${run.name}\` has a step in TypeScript, which a plain script cannot hold`,
      fix: "write the step in js",
    };
  const byId = run.steps.flatMap((step) => step.inputs).find(({ from }) => from.kind === "run-id");
  if (byId && languageOf(run) === "node")
    return {
      reason: `the input \`${byId.variable}\` comes from a recorded run, which plain JavaScript has no client for`,
      fix: 'fetch the file yourself and name it: from "data/file.csv": csv',
    };
  const source = run.steps
    .flatMap((step) => step.inputs)
    .find(({ from }) => from.kind === "run" || from.kind === "best");
  if (source)
    return {
      reason: `the input \`${source.variable}\` comes from another run that mlpipe chooses`,
      fix: 'name the run itself: from run "<run id>"',
    };
  return undefined;
}

/** Scripts and input files, at the same places below the new folder. */
function copies(run: Run): readonly EjectedFile[] {
  const paths = run.steps.flatMap((step: Step) => [
    ...(step.code.kind === "script" ? [step.code.path] : []),
    ...step.inputs.flatMap(({ from }) => (from.kind === "file" ? [from.path] : [])),
  ]);
  return [...new Set(paths)].map((path) => ({ path, copyOf: path }));
}

/**
 * R: {mlflow} reads a param only under `mlflow_source`, and only as `--name=value` after `--args`; see the R client's
 * documentation of `mlflow_param`. Node: the seed works on the command line only.
 */
function mlproject(program: Program, run: Run, script: string): string {
  const values = run.params.map(({ name }) => `--${name}={${name}}`).join(" ");
  const seed = run.seed === undefined ? "" : `--random-seed=${run.seed} `;
  const command = script.endsWith(".R")
    ? `Rscript -e "mlflow::mlflow_source('${script}')" --args ${values}`
    : `node ${seed}${script} ${values}`;
  return printProject(program, {
    comment: ` Written by mlpipe from ${program.file}; it needs no mlpipe.`,
    entries: [{ name: "main", params: run.params, command: command.trimEnd() }],
    types: "documented",
  });
}
