/** The project that a file is: its name, its environment, and its main entry point. */
import type { Name, ProjectNode, ProjectOption } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { only, readable } from "./items.ts";
import { findFile } from "./paths.ts";
import type { Project } from "./program.ts";
import { type ModuleScope, lookUp, placeOf, sayUnknown } from "./scope.ts";
import { fixedText } from "./texts.ts";

const kinds = ["conda", "python", "docker", "renv"] as const;

export function readProject(context: CheckContext, home: ModuleScope): Project {
  const { module } = home;
  const node = only(context, module, module.declarations, "project");
  const options = readable(node?.block);
  const env = only(context, module, options, "project-env");
  const main = only(context, module, options, "main");
  if (node) checkName(context, home, node);
  return {
    name: node?.key.text ?? stemOf(home.path),
    env: env && readEnv(context, home, env),
    main: main ? readMain(context, home, main.run) : mainOf(home),
  };
}

function checkName(context: CheckContext, home: ModuleScope, { key }: ProjectNode): void {
  const because = "it is empty";
  if (key.text.trim() === "")
    say(context, "E0501", placeOf(home, key), { kind: "project", key: key.text, because });
}

function stemOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.mlpipe$/u, "");
}

/** After `docker` stands the name of an image, after the others a file. */
function readEnv(
  context: CheckContext,
  home: ModuleScope,
  { env, file }: Extract<ProjectOption, { kind: "project-env" }>,
): Project["env"] {
  const kind = kinds.find((it) => it === env.text);
  if (!kind) sayUnknown(context, home, env, { kind: "environment", among: kinds });
  if (!kind || !file) return kind && { kind, file: undefined };
  if (kind === "docker") return { kind, file: fixedText(context, home.module, file) };
  return { kind, file: findFile(context, home, file)?.path };
}

function readMain(context: CheckContext, home: ModuleScope, name: Name): string | undefined {
  return lookUp(context, home, name, ["run", "sweep", "compare"]) && name.text;
}

/** The first run of the file, else the first sweep or compare. */
function mainOf({ own }: ModuleScope): string | undefined {
  const entries = [...own.values()];
  const run = entries.find(({ kind }) => kind === "run");
  const other = entries.find(({ kind }) => kind === "sweep" || kind === "compare");
  return (run ?? other)?.node.name.text;
}
