/** Values of parameters of the types `path` and `uri`, which MLflow checks and changes. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ChosenParam } from "./params.ts";
import { ProjectRefused } from "./refused.ts";

export interface Folders {
  /** Where mlpipe was started: a path that is given counts from there. */
  readonly current: string;
  /** The project's: a path that is a default counts from there. */
  readonly project: string;
}

export type ReadValue =
  /** What the command gets. */
  | { readonly kind: "text"; readonly text: string }
  /** An artifact that must be fetched before the command can start. */
  | { readonly kind: "artifact"; readonly runId: string; readonly path: string };

/** The value as the command gets it. Throws ProjectRefused for a path that is not there and a URI that is none. */
export function readValue(param: ChosenParam, folders: Folders): ReadValue {
  switch (param.declared?.type) {
    case "path":
      return readPath(param, folders);
    case "uri":
      return readUri(param);
    default:
      return { kind: "text", text: param.text };
  }
}

function readUri({ name, text }: ChosenParam): ReadValue {
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return { kind: "text", text };
  throw new ProjectRefused(
    `\`${name}\` is of type uri, and \`${text}\` is none`,
    `write it with its scheme: -P ${name}=https://…`,
  );
}

function readPath(param: ChosenParam, { current, project }: Folders): ReadValue {
  const { name, text, isDefault } = param;
  const scheme = isDrivePath(text) ? undefined : /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1];
  if (scheme?.toLowerCase() === "runs") return readArtifact(param);
  if (scheme !== undefined && scheme.toLowerCase() !== "file") throw refuseRemote(param, scheme);
  const from = isDefault ? project : current;
  const file = path.resolve(from, scheme === undefined ? text : fileOfUri(param));
  if (text !== "" && existsSync(file)) return { kind: "text", text: file };
  throw new ProjectRefused(
    `\`${name}\` names \`${text}\`, which is not in ${from}`,
    `give a path that exists: -P ${name}=…`,
  );
}

function isDrivePath(text: string): boolean {
  return process.platform === "win32" && /^[a-z]:/i.test(text);
}

function fileOfUri({ name, text }: ChosenParam): string {
  try {
    return fileURLToPath(text);
  } catch {
    throw new ProjectRefused(
      `\`${name}\` names \`${text}\`, which is no file on this machine`,
      `write -P ${name}=file:///folder/file, or the path alone`,
    );
  }
}

function readArtifact({ name, text }: ChosenParam): ReadValue {
  const [, runId, artifact] = /^runs:\/+([^/]+)\/(.+)$/i.exec(text) ?? [];
  if (runId && artifact && !artifact.split("/").includes(".."))
    return { kind: "artifact", runId, path: artifact };
  throw new ProjectRefused(
    `\`${name}\` names \`${text}\`, which is no artifact of a run`,
    `write -P ${name}=runs:/<run id>/<path>`,
  );
}

function refuseRemote({ name }: ChosenParam, scheme: string): ProjectRefused {
  return new ProjectRefused(
    `\`${name}\` is of type path, and mlpipe does not fetch ${scheme}: addresses`,
    `download it and give its path, or an artifact of a run: -P ${name}=runs:/<run id>/<path>`,
  );
}
