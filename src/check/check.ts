/** The checker: a list of passes over the loaded files, each of which may say what it finds. */
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Files } from "../source/files.ts";
import type { Loaded } from "../syntax/load.ts";
import { assemble, checkMany, reachableFrom } from "./assemble.ts";
import type { CheckContext, CheckOptions } from "./context.ts";
import { checkCode } from "./code/check-code.ts";
import { declareModules } from "./declare.ts";
import { draftRuns } from "./draft-run.ts";
import { readExperiments } from "./experiment.ts";
import { createFindings } from "./findings.ts";
import { linkRuns } from "./link-run.ts";
import type { Program } from "./program.ts";
import { readProject } from "./project.ts";
import { checkRunCircles } from "./run-circles.ts";
import { readTemplates } from "./template.ts";
import { checkUnused } from "./unused.ts";

export interface Checked {
  /** Undefined when an error was found. */
  readonly program: Program | undefined;
  /** In the order of the text; the entry file's first. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks the entry file with everything it imports. Never throws on what a user wrote. */
export function check(loaded: Loaded, files: Files, options: CheckOptions = {}): Checked {
  const findings = createFindings(loaded);
  const context: CheckContext = { options, loaded, files, report: findings.report };

  const homes = declareModules(context);
  const [entry] = homes.values();
  if (!entry) return { program: undefined, diagnostics: [] };
  const experiments = readExperiments(context, homes.values());
  const templates = readTemplates(context, homes.values());
  const drafts = draftRuns(context, homes.values(), templates);
  const runs = linkRuns(context, drafts, experiments);
  checkRunCircles(context, drafts);
  checkCode(context, drafts);
  const project = readProject(context, entry);
  const many = checkMany(context, homes.values(), runs, project.main);
  const reached = reachableFrom(context, entry, drafts);
  checkUnused(context, entry);

  const diagnostics = findings.list();
  const isWrong = diagnostics.some(({ severity }) => severity === "error");
  const experiment = experiments.get(entry.path);
  const parts = { entry, project, experiment, reached, runs, many };
  return { program: isWrong ? undefined : assemble(loaded, parts), diagnostics };
}
