/** Which entry point of a project is meant: one that the MLproject names, or a script of the project. */
import { quoteForShell } from "../source/shell-quote.ts";
import { suggest } from "../source/suggest.ts";
import type { EntryPoint, Project } from "./project.ts";
import { ProjectRefused } from "./refused.ts";

/** `shell` runs `.sh` files, as $SHELL does for MLflow. Throws ProjectRefused where nothing is called so. */
export function chooseEntry(
  { entries, isSparkJob }: Project,
  name: string,
  { hasFile, shell }: { readonly hasFile: (path: string) => boolean; readonly shell: string },
): EntryPoint {
  if (isSparkJob)
    throw new ProjectRefused(
      "the project is a Spark job, which runs on Databricks only",
      "start it there, or run a project whose entry points have commands",
    );
  const entry = entries.get(name) ?? mainCalled(name, entries.get("main"));
  if (entry) return entry;
  const command = commandOfScript(name, shell);
  if (command === undefined) throw refuse(name, [...entries.keys()]);
  if (!hasFile(name))
    throw new ProjectRefused(
      `there is neither an entry point nor a file \`${name}\` in the project`,
      listOf([...entries.keys()]),
    );
  return { name, parameters: [], command, place: undefined };
}

/** What mlpipe has compiled calls the main run `main`; that run's own name means it too. */
function mainCalled(name: string, main: EntryPoint | undefined): EntryPoint | undefined {
  const words = main?.command.match(/^npx --no mlpipe (?:run|compare) (?:'[^']*'|[^\s']+) (\S+)/);
  return words?.[1] === quoteForShell(name) ? main : undefined;
}

/** As a template: braces are doubled. */
function commandOfScript(name: string, shell: string): string | undefined {
  const escaped = name.replaceAll(/[{}]/g, "$&$&");
  switch (/\.[^./]+$/.exec(name)?.[0]) {
    case ".py":
      return `python ${quoteForShell(escaped)}`;
    case ".sh":
      return `${quoteForShell(shell)} ${quoteForShell(escaped)}`;
    case ".R":
    case ".r":
      return sourceCommand(escaped);
    default:
      return undefined;
  }
}

/** The way of starting an R script by which its `mlflow_param` gets what follows as `--name value`. */
export function sourceCommand(script: string): string {
  const literal = script.replaceAll(/[\\']/g, "\\$&");
  const call = `mlflow::mlflow_source('${literal}')`;
  const word = /["$`\\!]/.test(call) ? quoteForShell(call) : `"${call}"`;
  return `Rscript -e ${word} --args`;
}

function refuse(name: string, known: readonly string[]): ProjectRefused {
  const near = suggest(name, known);
  const hint = near ? `; did you mean \`${near}\`?` : "";
  return new ProjectRefused(`the project has no entry point \`${name}\`${hint}`, listOf(known));
}

function listOf(known: readonly string[]): string {
  return known.length > 0
    ? `it has ${known.join(", ")}; a script is named by its file: -e train.R, .py or .sh`
    : "it names none; name a script: -e train.R, .py or .sh";
}
