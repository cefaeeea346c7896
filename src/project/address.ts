/** What names a project on a command line: a folder, a zip file, or a git repository, with `@version` and `#folder`. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ProjectRefused } from "./refused.ts";

export type ProjectAddress = {
  /** Path below the root of what is named, forward slashes; "" for the root. */
  readonly folder: string;
  /** A commit, tag or branch; undefined: what the repository shows first, or the files as they lie there. */
  readonly version: string | undefined;
} & (
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "zip"; readonly path: string }
  /** `url` may hold a login; it is for git alone. `shown` holds none. */
  | { readonly kind: "git"; readonly url: string; readonly shown: string }
);

/** Reads the word; `version` is that of `--version`. Throws ProjectRefused for what cannot be a project. */
export function readAddress(
  word: string,
  version: string | undefined,
  current: string,
): ProjectAddress {
  if (word === "" || word.startsWith("-"))
    throw new ProjectRefused(
      `\`${word}\` names no project`,
      "name a folder, a zip file or a git address",
    );
  if (/^[^/\\]*::/.test(word))
    throw new ProjectRefused(
      `\`${withoutLogin(word)}\` would start a program to fetch it`,
      "use an address that begins with https://, ssh:// or git@",
    );
  const address = readRemote(word, current) ?? readLocal(word, current);
  const inWord = address.version;
  if (inWord !== undefined && version !== undefined)
    throw new ProjectRefused(
      `two versions are named: ${inWord} in the address, and ${version}`,
      "name one of them",
    );
  return checkParts({ ...address, version: inWord ?? version });
}

/** `https://user:token@host/x` holds a secret. */
export function withoutLogin(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}

function checkParts(address: ProjectAddress): ProjectAddress {
  const { folder, version } = address;
  if (version !== undefined && !/^[^-\s~^:?*[\\\0][^\s~^:?*[\\\0]*$/.test(version))
    throw new ProjectRefused(
      `\`${version}\` is no name of a commit, tag or branch`,
      "name one: @v1.2.0, or --version v1.2.0",
    );
  if (path.posix.isAbsolute(folder) || folder.includes("\\") || folder.split("/").includes(".."))
    throw new ProjectRefused(
      `\`#${folder}\` leads out of the project`,
      "name a folder below its root: #examples/iris",
    );
  if (address.kind === "zip" && version !== undefined)
    throw new ProjectRefused("a zip file has no versions", "leave the version out");
  return address;
}

const schemes = ["http", "https", "ssh", "git", "git+ssh", "ssh+git"];

/** Undefined for what lies on this machine. */
function readRemote(word: string, current: string): ProjectAddress | undefined {
  // Git hands the host to ssh, which would read it as an option.
  if (/^([a-z][a-z0-9+.-]*:\/\/|[^@/]*@)-/i.test(withoutLogin(word)))
    throw new ProjectRefused(
      `\`${withoutLogin(word)}\` names a host that begins with -`,
      "name the host as it is called",
    );
  // MLflow's own, with one slash.
  const own = /^(dbfs|runs|models):\/[^/]/i.exec(word)?.[1];
  if (own !== undefined) throw refuseScheme(word, own);
  const url = /^(([a-z][a-z0-9+.-]+):\/\/[^/#]*)([^@#]*)(?:@([^#]*))?(?:#(.*))?$/is.exec(word);
  if (url) {
    const [, start = "", scheme = "", rest = "", version, folder = ""] = url;
    if (scheme.toLowerCase() === "file") return undefined;
    if (/^https?$/i.test(scheme) && /\.zip$/i.test(rest)) throw refuseRemoteZip(word);
    if (!schemes.includes(scheme.toLowerCase())) throw refuseScheme(word, scheme);
    return gitAddress(start + rest, version, folder);
  }
  const scp = /^((?:[^@/:#\s]+@)?[^@/:#\s\\]{2,}:)([^@#]+)(?:@([^#]*))?(?:#(.*))?$/s.exec(word);
  if (!scp || existsSync(path.resolve(current, word))) return undefined;
  const [, host = "", rest = "", version, folder = ""] = scp;
  return gitAddress(host + rest, version, folder);
}

function gitAddress(url: string, version: string | undefined, folder: string): ProjectAddress {
  return { kind: "git", url, shown: withoutLogin(url), version, folder: tidy(folder) };
}

function tidy(folder: string): string {
  return folder.replace(/^\.\//, "").replace(/\/+$/, "");
}

function refuseRemoteZip(word: string): ProjectRefused {
  return new ProjectRefused(
    `mlpipe does not fetch zip files: \`${withoutLogin(word)}\``,
    "download it and name the file, or name the git repository it comes from",
  );
}

function refuseScheme(word: string, scheme: string): ProjectRefused {
  return new ProjectRefused(
    `\`${withoutLogin(word)}\`: projects do not come from ${scheme}: addresses`,
    "name a folder, a zip file, or a git address that begins with https://, ssh:// or git@",
  );
}

/** `#folder` is cut off first, as by MLflow; `@version` only where no file is called so. */
function readLocal(word: string, current: string): ProjectAddress {
  const [, named = "", folder = ""] = /^([^#]*)(?:#(.*))?$/s.exec(word) ?? [];
  const at = existsSync(localPath(named, current)) ? -1 : named.lastIndexOf("@");
  const place = localPath(at > 0 ? named.slice(0, at) : named, current);
  const version = at > 0 ? named.slice(at + 1) : undefined;
  const kind = /\.zip$/i.test(place) ? "zip" : "folder";
  return { kind, path: place, folder: tidy(folder), version };
}

function localPath(word: string, current: string): string {
  if (!/^file:/i.test(word)) return path.resolve(current, word);
  try {
    return fileURLToPath(word);
  } catch {
    throw new ProjectRefused(
      `\`${word}\` is no file on this machine`,
      "write file:///folder/of/the/project",
    );
  }
}
