/** From a fetched project and what the user asks for to a job; everything that can be wrong with either is said here. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { withoutLogin } from "../project/address.ts";
import { type ChosenEnvironment, chooseEnvironment } from "../project/choose-environment.ts";
import { checkCommand, fillCommand } from "../project/command.ts";
import { chooseEntry } from "../project/entry.ts";
import type { FetchedProject } from "../project/fetch.ts";
import { type ProjectFiles, filesOf, findMlproject } from "../project/files.ts";
import { type ChosenParam, chooseParams } from "../project/params.ts";
import type { EntryPoint, Project } from "../project/project.ts";
import { adviseOnR } from "../project/r-advice.ts";
import { readProject } from "../project/read-project.ts";
import { ProjectRefused } from "../project/refused.ts";
import { readValue } from "../project/values.ts";
import type { ExperimentChoice, ProjectJob } from "../run/project-job.ts";
import { tagsOfProject } from "../run/project-tags.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import { report } from "../source/report.ts";
import type { SourceText } from "../source/text.ts";
import { CommandFailed } from "./exit.ts";
import { refuseFolder } from "./other-things.ts";
import { withOwnMlpipe } from "./own-command.ts";
import type { ProjectRequest, ProjectSurroundings } from "./run-project.ts";
import { usesColor } from "./terminal.ts";

/** An artifact of another run that a param names. */
export interface Artifact {
  readonly runId: string;
  readonly artifact: string;
  /** Where it goes, below the folder of all of them. */
  readonly place: string;
}

export interface PreparedProject {
  readonly artifacts: readonly Artifact[];
  /** The job, once the artifacts lie in `folder`. */
  readonly job: (folder: string) => ProjectJob;
}

type Surroundings = Pick<ProjectSurroundings, "current" | "env">;

/** Findings are shown; rejects with ProjectRefused or CommandFailed where the project cannot be run so. */
export async function prepareProject(
  request: ProjectRequest,
  fetched: FetchedProject,
  { current, env }: Surroundings,
): Promise<PreparedProject> {
  const shown = fetched.isCopy ? "" : path.relative(current, fetched.folder);
  const files = filesOf(fetched.folder, shown);
  const project = readChecked(request, files, current);
  const shell = env["SHELL"] ?? "bash";
  const entry = chooseEntry(project, request.entryPoint, { hasFile: files.has, shell });
  const chosen = chooseParams(entry, request.params, { strict: request.strict });
  const environment = readEnvironment(project, entry, request, files);
  const params = chosen.map((param, index) => placeValue(param, index, { current, files }));
  const rest = {
    folder: fetched.folder,
    entry: entry.name,
    environment,
    dockerWords: request.dockerWords,
    tags: { ...(await tagsOfProject(fetched, entry.name, env)), ...request.tags },
    runName: request.runName,
    adopt: request.adopt,
    experiment: request.experiment ?? usualExperiment(env),
  };
  const job = (folder: string): ProjectJob => ({
    ...rest,
    ...fill(entry, params, folder, fetched),
  });
  // What a value does to the command is found before anything is fetched for it.
  job(current);
  return { artifacts: params.flatMap(({ artifact }) => artifact ?? []), job };
}

/** The command and its params; artifacts lie in `artifacts`. */
function fill(
  entry: EntryPoint,
  params: readonly PlacedParam[],
  artifacts: string,
  { folder }: FetchedProject,
): Pick<ProjectJob, "command" | "params"> {
  const filled = params.map(({ name, text, value, artifact, isDeclared }) => ({
    name,
    text,
    value: artifact ? path.join(artifacts, artifact.place) : value,
    isDeclared,
  }));
  const values = filled.map(({ value, ...param }) => ({ ...param, text: value }));
  return { command: withOwnMlpipe(fillCommand(entry, values), folder), params: filled };
}

function readChecked(request: ProjectRequest, files: ProjectFiles, current: string): Project {
  const name = findMlproject(files.folder);
  if (name === undefined && !/\.\w+$/.test(request.entryPoint)) {
    refuseOuterFolder(request, files.folder);
    if (request.address.kind === "folder")
      throw refuseFolder(path.relative(current, files.folder) || ".");
  }
  const source = name === undefined ? undefined : files.read(name);
  const { project, diagnostics } = readProject(source, files.has);
  show(diagnostics);
  if (!project) throw refuseErrors();
  return project;
}

/** Archives of repositories hold one folder that holds all. */
function refuseOuterFolder({ word, address }: ProjectRequest, place: string): void {
  const entries = readdirSync(place, { withFileTypes: true });
  if (entries.some((entry) => entry.name.endsWith(".mlpipe"))) return;
  const inner = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .find((name) => findMlproject(path.join(place, name)) !== undefined);
  if (inner === undefined) return;
  const below = address.folder === "" ? inner : `${address.folder}/${inner}`;
  throw new ProjectRefused(
    `there is no MLproject in it, but one in its folder \`${inner}\``,
    `name that folder: ${withoutLogin(word).replace(/#.*$/s, "")}#${below}`,
  );
}

function readEnvironment(
  project: Project,
  entry: EntryPoint,
  { environmentManager }: ProjectRequest,
  files: ProjectFiles,
): ChosenEnvironment {
  const read = (name: string): SourceText => files.read(name) ?? { path: name, text: "" };
  const choice = chooseEnvironment(project.environment, environmentManager, read);
  const advice = adviseOnR(entry, (name) => readScript(files, name));
  const wrong = checkCommand(entry);
  show([...choice.diagnostics, ...[advice, wrong].filter((one) => one !== undefined)]);
  if (wrong || !choice.environment) throw refuseErrors();
  return choice.environment;
}

/** A script in another encoding runs all the same; it only gets no advice. */
function readScript({ folder, has }: ProjectFiles, name: string): string | undefined {
  return has(name) ? readFileSync(path.join(folder, name), "latin1") : undefined;
}

function show(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0)
    process.stderr.write(report(diagnostics, { color: usesColor(process.stderr) }));
}

function refuseErrors(): CommandFailed {
  return new CommandFailed("the project has errors, and nothing was done");
}

interface PlacedParam {
  readonly name: string;
  readonly isDeclared: boolean;
  /** As it is logged. */
  readonly text: string;
  /** As the command gets it; empty where an artifact takes its place. */
  readonly value: string;
  readonly artifact: Artifact | undefined;
}

function placeValue(
  param: ChosenParam,
  index: number,
  { current, files }: { readonly current: string; readonly files: ProjectFiles },
): PlacedParam {
  const { name, text } = param;
  const read = readValue(param, { current, project: files.folder });
  const placed = { name, text, isDeclared: param.declared !== undefined };
  if (read.kind === "text") return { ...placed, value: read.text, artifact: undefined };
  const place = path.join(`param_${index}`, path.posix.basename(read.path));
  return { ...placed, value: "", artifact: { runId: read.runId, artifact: read.path, place } };
}

/** As MLflow's command line and its R client take it from the environment; the name wins. */
function usualExperiment(env: NodeJS.ProcessEnv): ExperimentChoice {
  const { MLFLOW_EXPERIMENT_NAME: name, MLFLOW_EXPERIMENT_ID: id } = env;
  if (name) return { kind: "name", name };
  return id ? { kind: "id", id } : { kind: "name", name: "Default" };
}
