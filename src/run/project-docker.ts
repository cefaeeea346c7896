/** A project's environment that is a container. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { splitWords } from "../project/shell-words.ts";
import type { DockerEnvironment } from "../project/project.ts";
import { readTrackingUri } from "../tracking/tracking-uri.ts";
import { fail } from "./failure.ts";
import type { Launch, ProjectJob } from "./project-job.ts";
import { type ToolContext, askTool, runTools } from "./project-tool.ts";
import { findProgram } from "./search-path.ts";

/** Throws RunFailed where Docker does not work or a variable that the container needs is not set. */
export async function findDocker(
  { variables }: DockerEnvironment,
  context: ToolContext,
): Promise<string> {
  const docker = findProgram("docker", context.env);
  if (docker === undefined)
    return fail("R0873", {
      tool: "Docker",
      problem: "which is not on the search path",
      fix: "install it: https://docs.docker.com/get-docker",
    });
  if ((await askTool(docker, ["version"], context)) === undefined)
    fail("R0873", {
      tool: "Docker",
      problem: "whose service does not answer",
      fix: "start it, and see that you may use it: docker version",
    });
  for (const { name, value } of variables)
    if (value === undefined && context.env[name] === undefined) fail("R0875", { variable: name });
  return docker;
}

/** The image's digest; an image that is not here is pulled. */
export async function bringImage(
  docker: string,
  { image }: DockerEnvironment,
  context: ToolContext,
): Promise<string> {
  const inspect = ["image", "inspect", "--format", "{{.Id}}", "--", image];
  const known = await askTool(docker, inspect, context);
  if (known !== undefined) return known;
  await runTools([[docker, "pull", "--", image]], context);
  return (await askTool(docker, inspect, context)) ?? "";
}

/** Where a store that is a file is mounted, as by MLflow. */
const mountedStore = "/mlflow/tmp/mlruns";

export interface DockerRun {
  readonly docker: string;
  readonly environment: DockerEnvironment;
  readonly words: ProjectJob["dockerWords"];
  /** Of the run; mounted at the same path where it is a folder of this machine. */
  readonly artifactUri: string;
}

/** `docker run …`, with names of variables in the words and their values in the environment, where nobody can list them. */
export function launchInDocker(
  command: string,
  variables: Launch["env"],
  { docker, environment, words, artifactUri }: DockerRun,
  env: NodeJS.ProcessEnv,
): Launch {
  const store = mountStore(variables["MLFLOW_TRACKING_URI"] ?? "");
  const logins = Object.keys(env).filter((name) => /^MLFLOW_TRACKING_(?!URI$)/.test(name));
  const args = [
    "run",
    "--rm",
    ...words,
    ...store.words,
    ...mountArtifacts(artifactUri),
    ...environment.volumes.flatMap((volume) => ["-v", volume]),
    ...[...Object.keys(variables), ...logins].flatMap((name) => ["-e", name]),
    ...environment.variables.flatMap(({ name, value }) => [
      "-e",
      value === undefined ? name : `${name}=${value}`,
    ]),
    "--",
    environment.image,
    ...commandWords(command),
  ];
  return { file: docker, args, env: { ...variables, ...store.variables } };
}

/** The command's words, as MLflow hands them over; where they need a shell, that of the container reads them. */
function commandWords(command: string): readonly string[] {
  return splitWords(command) ?? ["sh", "-c", command];
}

function mountStore(uri: string): {
  readonly words: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
} {
  const place = /^sqlite:/i.test(uri) ? readTrackingUri(uri, "/") : undefined;
  if (place?.kind !== "store") return { words: [], variables: {} };
  return {
    words: ["-v", `${place.file}:${mountedStore}`],
    variables: { MLFLOW_TRACKING_URI: `sqlite:///${mountedStore}` },
  };
}

function mountArtifacts(uri: string): readonly string[] {
  const local = /^file:\/\/\//i.test(uri) ? fileURLToPath(uri) : uri;
  return path.isAbsolute(local) ? ["-v", `${local}:${local}`] : [];
}
