/** Finds the tools of a project's environment, makes it, and says how a command is started in it. */
import path from "node:path";
import { bringImage, findDocker, launchInDocker } from "./project-docker.ts";
import { fail } from "./failure.ts";
import { findConda, makeCondaEnvironment } from "./project-conda.ts";
import type { Launch, ProjectContext, ProjectJob } from "./project-job.ts";
import { findPythonMaker, makePythonEnvironment, programsOf } from "./project-python.ts";
import { type ToolContext, environmentStep } from "./project-tool.ts";
import { findProgram } from "./search-path.ts";

/** An environment that is there. */
export interface ReadyEnvironment {
  /** Of the run, as MLflow sets them; none for a local one. */
  readonly tags: Readonly<Record<string, string>>;
  /** Whether the command runs in a container, which reaches no program and no address of this machine. */
  readonly isContainer: boolean;
  /** The process that performs a shell's command with these variables. `artifactUri` is the run's. */
  readonly launch: (command: string, variables: Launch["env"], artifactUri: string) => Launch;
}

/** Throws RunFailed where a tool is missing, before anything is made, or where it cannot make the environment. */
export async function prepareEnvironment(
  job: ProjectJob,
  { env, signal, listener }: ProjectContext,
): Promise<ReadyEnvironment> {
  const context: ToolContext = { folder: job.folder, env, signal, listener };
  const { environment } = job;
  switch (environment.kind) {
    case "local":
      return local(findShell(env));
    case "python":
      return preparePython(environment, context);
    case "conda":
      return prepareConda(environment, context);
    case "docker":
      return prepareDocker(environment, job.dockerWords, context);
    default:
      return environment satisfies never;
  }
}

/** bash, as with MLflow; sh where there is none. */
function findShell(env: NodeJS.ProcessEnv): string {
  const shell = findProgram("bash", env) ?? findProgram("sh", env);
  if (shell !== undefined) return shell;
  return fail("R0873", {
    tool: "a shell",
    problem: "and neither bash nor sh is on the search path",
    fix: "install bash; on Windows it comes with Git: https://git-scm.com",
  });
}

function local(shell: string): ReadyEnvironment {
  return {
    tags: {},
    isContainer: false,
    launch: (command, variables) => ({ file: shell, args: ["-c", command], env: variables }),
  };
}

async function preparePython(
  chosen: Extract<ProjectJob["environment"], { kind: "python" }>,
  context: ToolContext,
): Promise<ReadyEnvironment> {
  const shell = findShell(context.env);
  const maker = await findPythonMaker(chosen, context);
  const tool = maker.manager === "uv" ? "uv" : `venv, Python ${maker.version}`;
  const folder = await shown(tool, context, () => makePythonEnvironment(chosen, maker, context));
  const search = [programsOf(folder), context.env["PATH"] ?? ""].join(path.delimiter);
  return {
    tags: { "mlflow.project.env": chosen.manager },
    isContainer: false,
    launch: (command, variables) => ({
      file: shell,
      args: ["-c", command],
      env: { ...variables, VIRTUAL_ENV: folder, PATH: search, PYTHONHOME: undefined },
    }),
  };
}

async function prepareConda(
  chosen: Extract<ProjectJob["environment"], { kind: "conda" }>,
  context: ToolContext,
): Promise<ReadyEnvironment> {
  const shell = findShell(context.env);
  const conda = findConda(context.env);
  const folder = await shown("conda", context, () => makeCondaEnvironment(conda, chosen, context));
  return {
    tags: { "mlflow.project.env": "conda" },
    isContainer: false,
    launch: (command, variables) => ({
      file: conda,
      args: ["run", "--no-capture-output", "--prefix", folder, shell, "-c", command],
      env: variables,
    }),
  };
}

async function prepareDocker(
  { docker: environment }: Extract<ProjectJob["environment"], { kind: "docker" }>,
  words: readonly string[],
  context: ToolContext,
): Promise<ReadyEnvironment> {
  const docker = await findDocker(environment, context);
  const id = await shown("docker", context, () => bringImage(docker, environment, context));
  return {
    tags: {
      "mlflow.project.env": "docker",
      "mlflow.docker.image.uri": environment.image,
      "mlflow.docker.image.id": id,
    },
    isContainer: true,
    launch: (command, variables, artifactUri) =>
      launchInDocker(command, variables, { docker, environment, words, artifactUri }, context.env),
  };
}

/** Shown like a step, for it may take minutes. */
async function shown<T>(
  runtime: string,
  { listener, folder }: ToolContext,
  make: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const step = environmentStep;
  let ok = false;
  listener({ kind: "step-started", step, runtime, place: folder });
  try {
    const made = await make();
    ok = true;
    return made;
  } finally {
    const milliseconds = performance.now() - began;
    const unknown = { peakBytes: undefined, failure: undefined };
    listener({ kind: "step-ended", step, ok, milliseconds, ...unknown });
  }
}
