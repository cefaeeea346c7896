/** Brings the project that an address names: the folder itself, or a copy of its own that is removed afterwards. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ProjectAddress } from "./address.ts";
import { checkOut, isBareRepository, originOf, workTreeOf } from "./git.ts";
import { ProjectRefused } from "./refused.ts";
import { unzip } from "./zip.ts";

export interface FetchedProject {
  /** Absolute, links resolved. */
  readonly folder: string;
  /** For the tag `mlflow.source.name`; no login in it. */
  readonly sourceName: string;
  /** The commit that was checked out for this run; undefined for files that lie here. */
  readonly checkedOut: FetchedCommit | undefined;
  /** Whether the files lie in a git work tree here. */
  readonly isInWorkTree: boolean;
  /** Whether the folder is a copy that `remove` deletes. */
  readonly isCopy: boolean;
  readonly remove: () => Promise<void>;
}

export interface FetchedCommit {
  readonly commit: string;
  readonly branch: string | undefined;
  /** "" where nobody knows. */
  readonly repository: string;
}

export interface FetchContext {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Throws ProjectRefused where there is no project, or it cannot be brought; nothing is left behind then. */
export async function fetchProject(
  address: ProjectAddress,
  context: FetchContext,
): Promise<FetchedProject> {
  switch (address.kind) {
    case "git":
      return fetchGit(address, { url: address.url, repository: address.shown }, context);
    case "zip":
      return fetchZip(address);
    case "folder":
      return fetchFolder(address, context);
    default:
      return address satisfies never;
  }
}

/** A copy below a folder that nobody else may enter; `fill` may fail. */
async function makeCopy<T>(
  fill: (root: string) => Promise<T>,
): Promise<{ readonly filled: T; readonly root: string; readonly remove: () => Promise<void> }> {
  const root = await mkdtemp(path.join(tmpdir(), "mlpipe-project-"));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    return { filled: await fill(root), root, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface GitSource {
  readonly url: string;
  readonly repository: string;
}

async function fetchGit(
  address: ProjectAddress,
  { url, repository }: GitSource,
  { env, signal }: FetchContext,
): Promise<FetchedProject> {
  const { version, folder } = address;
  const { filled, remove } = await makeCopy(async (target) => {
    const found = await checkOut({ url, version, target, env, signal });
    return { found, inside: inside(target, folder) };
  });
  return {
    folder: filled.inside,
    sourceName: address.kind === "git" ? withFolder(address.shown, folder) : fileUri(url, folder),
    checkedOut: { ...filled.found, repository },
    isInWorkTree: true,
    isCopy: true,
    remove,
  };
}

async function fetchZip(
  address: Extract<ProjectAddress, { kind: "zip" }>,
): Promise<FetchedProject> {
  const { filled, remove } = await makeCopy(async (target) => {
    await unzip(address.path, target);
    return inside(target, address.folder);
  });
  return {
    folder: filled,
    sourceName: withFolder(address.path, address.folder),
    checkedOut: undefined,
    isInWorkTree: false,
    isCopy: true,
    remove,
  };
}

async function fetchFolder(
  address: Extract<ProjectAddress, { kind: "folder" }>,
  context: FetchContext,
): Promise<FetchedProject> {
  const { path: root, folder } = address;
  if (!existsSync(root))
    throw new ProjectRefused(
      `there is no \`${root}\``,
      "name a folder, a zip file or a git address",
    );
  if (isBareRepository(root))
    return fetchGit(address, { url: root, repository: fileUri(root, "") }, context);
  const top = await workTreeOf(inside(root, ""));
  if (address.version !== undefined) return fetchVersion(address, top, context);
  const place = inside(root, folder);
  return {
    folder: place,
    sourceName:
      top === undefined ? path.join(root, folder) : fileUri(top, path.relative(top, place)),
    checkedOut: undefined,
    isInWorkTree: top !== undefined,
    isCopy: false,
    remove: async () => {},
  };
}

/** Another version of a work tree here: a copy, so that the files that the user works on stay as they are. */
async function fetchVersion(
  address: Extract<ProjectAddress, { kind: "folder" }>,
  top: string | undefined,
  context: FetchContext,
): Promise<FetchedProject> {
  const { path: root, folder, version } = address;
  if (top === undefined)
    throw new ProjectRefused(
      `${root} is no git repository, so it has no version \`${version}\``,
      "leave the version out, or name the repository",
    );
  const below = path.relative(top, inside(root, "")).split(path.sep).join("/");
  const repository = (await originOf(top)) || fileUri(top, "");
  const joined = [below, folder].filter((part) => part !== "").join("/");
  const whole = { ...address, folder: joined };
  return fetchGit(whole, { url: top, repository }, context);
}

/** The folder below `root`, after all links are followed. */
function inside(root: string, folder: string): string {
  const top = realpathSync(root);
  const wanted = path.join(top, folder);
  const found = existsSync(wanted) ? realpathSync(wanted) : undefined;
  if (found === undefined || !statSync(found).isDirectory())
    throw new ProjectRefused(
      folder === "" ? `\`${root}\` is no folder` : `the project has no folder \`${folder}\``,
      "name a folder of the project behind #",
    );
  if (found !== top && !found.startsWith(top.endsWith(path.sep) ? top : top + path.sep))
    throw new ProjectRefused(
      `\`#${folder}\` leads out of the project`,
      "name a folder below its root: #examples/iris",
    );
  return found;
}

function withFolder(name: string, folder: string): string {
  return folder === "" ? name : `${name}#${folder}`;
}

/** As MLflow writes it: the path as it is. */
function fileUri(top: string, folder: string): string {
  return withFolder(`file://${top}`, folder.split(path.sep).join("/"));
}
