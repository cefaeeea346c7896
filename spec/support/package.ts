/**
 * The package as it is published. It is built and packed from a copy of the sources, so that nothing in the checkout
 * changes, and put where `npm install` would put it; its dependencies are links to those of the checkout, so that no
 * registry is asked.
 */
import { cpSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import path from "node:path";
import { type Ended, type Folder, root, runProgram, temporaryFolder } from "./mlpipe.ts";

/** What npm tells the scripts that it starts would lead another npm back to this checkout. */
const clean = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_|MLFLOW_|MLPIPE_R$|FORCE_COLOR$)/i.test(name),
  ),
);

/** Surroundings in which npm reads no settings of the user and asks nobody. */
export function npmEnvironment(home: string): Readonly<Record<string, string | undefined>> {
  return {
    ...clean,
    npm_config_userconfig: path.join(home, ".npmrc"),
    npm_config_cache: path.join(home, ".npm"),
    npm_config_offline: "true",
    npm_config_update_notifier: "false",
  };
}

export interface Packed extends Disposable {
  readonly tarball: string;
  /** Paths in the package. */
  readonly files: readonly string[];
  /** Bytes of the tarball. */
  readonly size: number;
}

const ingredients = ["src", "stdlib", "grammar", "README.md", "CHANGELOG.md", "package.json"];
const settings = ["tsconfig.json", "rolldown.config.ts", "prune-declarations.ts"];

/** `npm pack`, which builds first. */
export async function pack(): Promise<Packed> {
  const folder = temporaryFolder();
  const copy = path.join(folder.path, "copy");
  for (const name of [...ingredients, ...settings])
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
  const ended = await runProgram("npm", ["pack", "--json", "--pack-destination", folder.path], {
    cwd: copy,
    env: npmEnvironment(folder.path),
  });
  if (ended.code !== 0) throw new Error(`npm pack: ${ended.stdout}${ended.stderr}`);
  const [packed] = JSON.parse(ended.stdout.slice(ended.stdout.indexOf("["))) as readonly {
    readonly filename: string;
    readonly size: number;
    readonly files: readonly { readonly path: string }[];
  }[];
  if (!packed) throw new Error(ended.stdout);
  return {
    tarball: path.join(folder.path, packed.filename),
    files: packed.files.map((file) => file.path),
    size: packed.size,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** A folder with the package in its node_modules, and the packages named beside it. */
export async function install(
  { tarball }: Packed,
  beside: readonly string[] = [],
): Promise<Folder> {
  const folder = temporaryFolder();
  const modules = path.join(folder.path, "node_modules");
  const own = path.join(modules, "mlpipe");
  mkdirSync(own, { recursive: true });
  const ended = await runProgram("tar", ["-xzf", tarball, "-C", own, "--strip-components=1"], {});
  if (ended.code !== 0) throw new Error(ended.stderr);
  const manifest = JSON.parse(readFileSync(path.join(own, "package.json"), "utf8")) as {
    readonly bin: Readonly<Record<string, string>>;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const name of [...Object.keys(manifest.dependencies), ...beside]) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(realpathSync(path.join(root, "node_modules", name)), path.join(modules, name));
  }
  mkdirSync(path.join(modules, ".bin"));
  for (const [name, file] of Object.entries(manifest.bin))
    symlinkSync(path.join(own, file), path.join(modules, ".bin", name));
  return folder;
}

/** `npx --no mlpipe …` in a folder at or below that of an installation; `search` is the PATH. */
export function npx(
  words: readonly string[],
  {
    folder,
    cwd,
    search,
  }: { readonly folder: Folder; readonly cwd: string; readonly search?: string },
): Promise<Ended> {
  const environment = npmEnvironment(folder.path);
  const env = search === undefined ? environment : { ...environment, PATH: search };
  return runProgram("npx", ["--no", "mlpipe", ...words], { cwd, env });
}

/** A folder with Node, npm and a shell, and nothing else; for the PATH of somebody who has no R. */
export async function searchPathWithoutR(folder: Folder): Promise<string> {
  const bin = path.join(folder.path, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, path.join(bin, "node"));
  for (const name of ["npx", "sh"]) {
    const { stdout } = await runProgram("sh", ["-c", `command -v ${name}`], {});
    symlinkSync(realpathSync(stdout.trim()), path.join(bin, name));
  }
  return bin;
}
