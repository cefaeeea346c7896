/** Settings of a Databricks workspace as its own tools name them, each with the place where it is written. */
import type { Environment } from "../client-settings.ts";
import { TrackingError } from "../tracking.ts";
import { readDefaultProfile, readProfile, type Profile } from "./profile.ts";

/** Keys of a profile, and the variables that say the same. */
export const variables = {
  host: "DATABRICKS_HOST",
  token: "DATABRICKS_TOKEN",
  username: "DATABRICKS_USERNAME",
  password: "DATABRICKS_PASSWORD",
  client_id: "DATABRICKS_CLIENT_ID",
  client_secret: "DATABRICKS_CLIENT_SECRET",
  auth_type: "DATABRICKS_AUTH_TYPE",
  workspace_id: "DATABRICKS_WORKSPACE_ID",
  insecure: "DATABRICKS_INSECURE",
} as const;
export type SettingName = keyof typeof variables;

export interface Setting {
  readonly value: string;
  /** A variable's name, or a file and a line. */
  readonly from: string;
}
export type Settings = { readonly [Name in SettingName]?: Setting };

const names = Object.keys(variables) as readonly SettingName[];

/** One of these in the environment, and no profile is looked up that nobody names. */
const decisive = ["host", "token", "username", "password", "client_id", "client_secret"] as const;

/**
 * `profile` is the one that the tracking URI names; it goes before DATABRICKS_CONFIG_PROFILE.
 * Variables fill what a profile leaves open, and may not say otherwise. Rejects with TrackingError.
 */
export async function gatherSettings(
  profile: string | undefined,
  env: Environment,
): Promise<Settings> {
  const name = profile ?? present(env["DATABRICKS_CONFIG_PROFILE"]);
  const variablesSay = readVariables(env);
  if (name === undefined && decisive.some((setting) => variablesSay[setting] !== undefined))
    return variablesSay;
  const found = name === undefined ? readDefaultProfile(env) : readProfile(name, env);
  return merge(readValues(await found), variablesSay);
}

function readVariables(env: Environment): Settings {
  return collect((name) => {
    const value = present(env[variables[name]]);
    return value === undefined ? undefined : { value, from: variables[name] };
  });
}

function readValues({ shown, values }: Profile): Settings {
  return collect((name) => {
    const found = values.get(name);
    if (found === undefined || found.value === "") return undefined;
    return { value: found.value, from: `${shown} line ${found.line}` };
  });
}

function collect(read: (name: SettingName) => Setting | undefined): Settings {
  const found = names.flatMap((name) => {
    const setting = read(name);
    return setting === undefined ? [] : [[name, setting] as const];
  });
  return Object.fromEntries(found);
}

function present(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text.trim();
}

/** Databricks' own tools disagree on who wins where both speak, and so may send one workspace the token of another. */
function merge(profile: Settings, variablesSay: Settings): Settings {
  for (const name of names) {
    const [one, other] = [profile[name], variablesSay[name]];
    if (one === undefined || other === undefined || isSame(name, one, other)) continue;
    throw new TrackingError(
      "INVALID_PARAMETER_VALUE",
      `${other.from} says another ${name} than the profile does at ${one.from}`,
      `Unset ${other.from}, or leave the profile out and set all that is needed in variables.`,
    );
  }
  return { ...variablesSay, ...profile };
}

/** A host may be written with and without its scheme. */
function isSame(name: SettingName, one: Setting, other: Setting): boolean {
  const bare = ({ value }: Setting): string =>
    name === "host" ? value.toLowerCase().replace(/^https:\/\/|\/+$/g, "") : value;
  return bare(one) === bare(other);
}
