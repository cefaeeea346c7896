/** A Databricks workspace: where it is and how to sign in there. */
import type { Environment } from "../client-settings.ts";
import { TrackingError } from "../tracking.ts";
import { gatherSettings, type Setting, type Settings } from "./settings.ts";
import { chooseSignIn, type SignIn } from "./sign-in.ts";

export interface Workspace {
  /** Scheme and host, and a port if it is not the scheme's own. */
  readonly origin: string;
  /** Where the host is written. */
  readonly hostFrom: string;
  readonly signIn: SignIn;
  /** For hosts that serve several workspaces. */
  readonly id: string | undefined;
  /** Any certificate will do. */
  readonly insecure: boolean;
}

/** `profile` is the one that the tracking URI names. Rejects with TrackingError for what is missing, contradictory or unreadable. */
export async function readWorkspace(
  profile: string | undefined,
  env: Environment,
): Promise<Workspace> {
  const settings = await gatherSettings(profile, env);
  const { host, workspace_id, insecure } = settings;
  if (host === undefined) throw missingHost(settings);
  return {
    origin: readHost(host),
    hostFrom: host.from,
    signIn: chooseSignIn(settings),
    id: workspace_id?.value,
    insecure: insecure !== undefined && readFlag(insecure),
  };
}

function missingHost(settings: Settings): TrackingError {
  const [there] = Object.values(settings);
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `DATABRICKS_HOST is not set, ${there === undefined ? "nor is there a host in the profile" : `and ${there.from} needs it`}`,
    "Set DATABRICKS_HOST, or host in the profile, to the workspace's address, such as https://adb-1.2.azuredatabricks.net.",
  );
}

/** The address is not repeated in what is said: it may hold a password. */
function readHost({ value, from }: Setting): string {
  const written = value.includes("://") ? value : `https://${value}`;
  const address = URL.canParse(written) ? new URL(written) : undefined;
  if (address === undefined || !isOnlyHost(address)) throw invalidHost(from);
  if (address.protocol === "https:" || isThisMachine(address)) return address.origin;
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${from} begins with http://, so that what signs you in could be read on the way`,
    "Write it as https://HOST.",
  );
}

function isOnlyHost({ protocol, username, password, pathname, search, hash }: URL): boolean {
  return /^https?:$/.test(protocol) && username + password + pathname + search + hash === "/";
}

function invalidHost(from: string): TrackingError {
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${from} is not the address of a Databricks workspace`,
    "Write it as https://HOST, without what a browser shows behind the host.",
  );
}

/** Where nothing goes over a network, encryption is not asked for. */
export function isThisMachine({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Python takes any text for true, "false" too; who writes that means it. */
function readFlag({ value, from }: Setting): boolean {
  if (/^(true|1)$/i.test(value)) return true;
  if (/^(false|0)$/i.test(value)) return false;
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${from} is neither true nor false`,
    "Write true to take any certificate of the workspace, or leave it out.",
  );
}
