/** The tracker that is a Databricks workspace: an MLflow server with its own sign-in, names and artifact store. */
import { clientOver, realSurroundings, trackWith } from "../client.ts";
import type { Locate } from "../client-artifacts.ts";
import { closeConnection, openConnection, type Access, type Connection } from "../client-http.ts";
import {
  encodeBasic,
  readProxy,
  readTimes,
  spellings,
  type Environment,
  type Settings,
} from "../client-settings.ts";
import { stripAddress } from "../proxy.ts";
import type { Surroundings } from "../retry.ts";
import type { Tracking } from "../tracking.ts";
import { adviseStore, adviseWorkspace } from "./advice.ts";
import { downloadSigned } from "./download.ts";
import { checkExperimentNames } from "./experiment-name.ts";
import { readPartSizes } from "./part-sizes.ts";
import type { SignIn } from "./sign-in.ts";
import { accessByToken } from "./token.ts";
import { uploadSigned, type Clients } from "./upload.ts";
import { readWorkspace, type Workspace } from "./workspace.ts";

export interface DatabricksUri {
  /** As the user wrote it. */
  readonly uri: string;
  /** Undefined: DATABRICKS_CONFIG_PROFILE, the variables or the file say which. */
  readonly profile: string | undefined;
}

/** Asks the workspace nothing yet. Rejects with TrackingError where settings are missing, contradictory or unreadable. */
export async function openDatabricks(
  { uri, profile }: DatabricksUri,
  env: Environment,
  surroundings: Surroundings = realSurroundings,
): Promise<Tracking> {
  const workspace = await readWorkspace(profile, env);
  const sizes = readPartSizes(env);
  const secrets = [...secretsOf(workspace.signIn)];
  const settings = settingsOf(workspace, secrets, env);
  const bare = await openConnection(settings);
  const connection = { ...bare, access: accessTo(workspace, bare, surroundings, secrets) };
  const store = await openConnection(storeSettings(settings));
  const clients = {
    workspace: clientOver(connection, surroundings),
    store: clientOver(store, surroundings),
    sizes,
  };
  const tracking = trackWith(clients.workspace, uri, locateBy(clients));
  return {
    ...tracking,
    address: workspace.origin,
    call: async (endpoint, request) => {
      checkExperimentNames(endpoint, request);
      return tracking.call(endpoint, request);
    },
    close: async () => {
      await tracking.close();
      await closeConnection(store);
    },
  };
}

function settingsOf(workspace: Workspace, secrets: readonly string[], env: Environment): Settings {
  const { origin, insecure } = workspace;
  return {
    origin,
    prefix: "",
    uri: origin,
    identity: identityOf(workspace),
    secrets,
    advice: adviseWorkspace(workspace),
    tls: { insecure, serverCertificate: undefined, clientCertificate: undefined },
    proxy: readProxy(env),
    ...readTimes(env),
  };
}

/** The store is somebody else, who is not to know who is asking, and has to prove who it is. */
function storeSettings(settings: Settings): Settings {
  const tls = { ...settings.tls, insecure: false };
  return { ...settings, identity: {}, tls, advice: adviseStore() };
}

function identityOf({ signIn, id }: Workspace): Readonly<Record<string, string>> {
  const authorization = authorizationOf(signIn);
  return {
    ...(authorization !== undefined && { authorization }),
    ...(id !== undefined && { "x-databricks-org-id": id }),
  };
}

function authorizationOf(by: SignIn): string | undefined {
  switch (by.kind) {
    case "token":
      return `Bearer ${by.token.value}`;
    case "password":
      return `Basic ${encodeBasic(by.username.value, by.password.value)}`;
    case "client":
      return undefined;
    default:
      return by satisfies never;
  }
}

function secretsOf(by: SignIn): readonly string[] {
  switch (by.kind) {
    case "token":
      return spellings(by.token.value);
    case "password":
      return [encodeBasic(by.username.value, by.password.value), ...spellings(by.password.value)];
    case "client":
      return [encodeBasic(by.id.value, by.secret.value), ...spellings(by.secret.value)];
    default:
      return by satisfies never;
  }
}

function accessTo(
  { signIn }: Workspace,
  connection: Connection,
  surroundings: Surroundings,
  secrets: string[],
): Access {
  if (signIn.kind !== "client") return connection.access;
  return accessByToken(connection, signIn, surroundings, (token) => {
    secrets.push(...spellings(token));
  });
}

/** Where a workspace keeps the artifacts of its experiments, unless it is told otherwise. */
const managed =
  /^dbfs:\/databricks\/mlflow-tracking\/[^/]+\/(?:logged_models\/)?([^/]+)\/artifacts\/?$/;

function locateBy(clients: Clients): Locate {
  return (artifactUri, owner) =>
    managed.exec(artifactUri)?.[1] === owner
      ? {
          kind: "signed",
          store: (file, path) => uploadSigned(clients, { owner, path }, file),
          fetch: (entry, target) => downloadSigned(clients, owner, entry, target),
        }
      : { kind: "elsewhere", shown: stripAddress(artifactUri), fix: useManaged };
}

const useManaged =
  "Use an experiment that was made without an artifact location of its own: the workspace then signs addresses for its artifacts.";
