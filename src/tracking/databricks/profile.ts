/** Profiles of Databricks' configuration file: which one is meant, and what it says. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../client-settings.ts";
import { TrackingError } from "../tracking.ts";
import { type Ini, type IniSection, MalformedIni, readIni } from "./ini.ts";

export interface Profile {
  /** The file as a message names it. */
  readonly shown: string;
  readonly values: IniSection;
}

interface ConfigFile {
  readonly shown: string;
  /** Undefined: there is no such file. */
  readonly ini: Ini | undefined;
}

/** A section of settings for the command line itself, never a profile. */
const settingsSection = "__settings__";

/** Rejects with TrackingError where the file cannot be read or has no such profile. */
export async function readProfile(name: string, env: Environment): Promise<Profile> {
  const { shown, ini } = await readConfigFile(env);
  const values = name === settingsSection ? undefined : ini?.get(name);
  if (values !== undefined) return { shown, values };
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    ini === undefined
      ? `There is no ${shown} to look up the Databricks profile ${name} in`
      : `${shown} has no profile [${name}]`,
    `${offerProfiles(ini)}Write [${name}] with lines host = https://HOST and token = TOKEN into ${shown}.`,
  );
}

function offerProfiles(ini: Ini | undefined): string {
  const names = profileNames(ini);
  return names.length === 0 ? "" : `It has ${names.join(", ")}. `;
}

function profileNames(ini: Ini | undefined): readonly string[] {
  return [...(ini?.keys() ?? [])].filter((name) => name !== settingsSection);
}

/** The profile that is meant where nothing names one: the one that the file's own settings choose, or DEFAULT. */
export async function readDefaultProfile(env: Environment): Promise<Profile> {
  const { shown, ini } = await readConfigFile(env);
  const chosen = ini?.get(settingsSection)?.get("default_profile")?.value ?? "";
  if (chosen !== "") return readProfile(chosen, env);
  const values = ini?.get("DEFAULT");
  if (values !== undefined && values.size > 0) return { shown, values };
  const lack = ini === undefined ? "is not there" : "has no [DEFAULT]";
  const [first] = profileNames(ini).filter((name) => name !== "DEFAULT");
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `Nothing says which Databricks workspace is meant: DATABRICKS_HOST is not set, and ${shown} ${lack}`,
    first === undefined
      ? `Set DATABRICKS_HOST to https://HOST and DATABRICKS_TOKEN to a token of it, or write host = and token = below [DEFAULT] in ${shown}.`
      : `Name a profile of that file in the tracking URI, such as databricks://${first}, or set DATABRICKS_HOST and DATABRICKS_TOKEN.`,
  );
}

async function readConfigFile(env: Environment): Promise<ConfigFile> {
  const home = env["HOME"] || homedir();
  const shown = env["DATABRICKS_CONFIG_FILE"] || "~/.databrickscfg";
  const file = shown.startsWith("~/") ? join(home, shown.slice(2)) : shown;
  const text = await readText(file, shown);
  try {
    return { shown, ini: text === undefined ? undefined : readIni(text) };
  } catch (cause) {
    if (!(cause instanceof MalformedIni)) throw cause;
    const message = `${shown} line ${cause.line} cannot be read: ${cause.message}`;
    throw new TrackingError("INVALID_PARAMETER_VALUE", message, "Mend that line.");
  }
}

async function readText(file: string, shown: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const message = `${shown} cannot be read (${code})`;
    throw new TrackingError("FILE_FAILED", message, "Make it readable for yourself.", cause);
  }
}
