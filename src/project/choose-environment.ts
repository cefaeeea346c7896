/** Which environment a project's command runs in: what it names, and what the user asks for. */
import type { Diagnostic } from "../source/diagnostic.ts";
import type { SourceText } from "../source/text.ts";
import type { DockerEnvironment, Environment } from "./project.ts";
import {
  type PythonEnvironment,
  anyPython,
  readCondaEnv,
  readPythonEnv,
} from "./python-environment.ts";
import { ProjectRefused } from "./refused.ts";

export const environmentManagers = ["local", "virtualenv", "uv", "conda"] as const;
export type EnvironmentManager = (typeof environmentManagers)[number];

export type ChosenEnvironment =
  /** The one that mlpipe itself runs in. */
  | { readonly kind: "local" }
  | {
      readonly kind: "python";
      readonly manager: "virtualenv" | "uv";
      readonly needs: PythonEnvironment;
    }
  /** `file` is a path in the project. */
  | { readonly kind: "conda"; readonly file: string; readonly text: string }
  | { readonly kind: "docker"; readonly docker: DockerEnvironment };

export interface EnvironmentChoice {
  /** Undefined where the environment's own file has errors. */
  readonly environment: ChosenEnvironment | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Docker wins over what is asked for, as with MLflow. What names no environment runs here; MLflow would make an empty one.
 * Throws ProjectRefused for a manager that cannot make it.
 */
export function chooseEnvironment(
  environment: Environment,
  asked: EnvironmentManager | undefined,
  readFile: (path: string) => SourceText,
): EnvironmentChoice {
  if (environment.kind === "docker") return sound({ kind: "docker", docker: environment });
  switch (asked ?? usual(environment)) {
    case "local":
      return sound({ kind: "local" });
    case "conda":
      if (environment.kind === "conda")
        return sound({ ...environment, text: readFile(environment.file).text });
      throw refuseConda(environment);
    case "virtualenv":
      return choosePython("virtualenv", environment, readFile);
    case "uv":
      return choosePython("uv", environment, readFile);
  }
}

function usual({ kind }: Exclude<Environment, DockerEnvironment>): EnvironmentManager {
  return ({ none: "local", python: "virtualenv", conda: "conda" } as const)[kind];
}

function sound(environment: ChosenEnvironment): EnvironmentChoice {
  return { environment, diagnostics: [] };
}

function choosePython(
  manager: "virtualenv" | "uv",
  environment: Exclude<Environment, DockerEnvironment>,
  readFile: (path: string) => SourceText,
): EnvironmentChoice {
  if (environment.kind === "none") return sound({ kind: "python", manager, needs: anyPython });
  const read = environment.kind === "python" ? readPythonEnv : readCondaEnv;
  const { environment: needs, diagnostics } = read(readFile(environment.file));
  return { environment: needs && { kind: "python", manager, needs }, diagnostics };
}

function refuseConda({ kind }: Environment): ProjectRefused {
  return new ProjectRefused(
    kind === "python"
      ? "conda cannot make a python_env"
      : "the project has no conda.yaml for conda to read",
    "leave --env-manager out, or name another one: local, virtualenv, uv",
  );
}
