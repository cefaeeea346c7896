/** What this machine offers for changing the surroundings of a process without privileges. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir, release } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../../run/search-path.ts";
import { stdlib } from "../shipped.ts";

export type Ability =
  /** `at`: the program, library or folder that does it. */
  | { readonly kind: "there"; readonly at: string }
  /** `why`: one clause, such as "there is no C compiler (cc)". */
  | { readonly kind: "missing"; readonly why: string };

export interface Abilities {
  readonly has: {
    /** The library that answers for the C library: clock, process, chance, folders, haste. */
    readonly shim: Ability;
    /** A BLAS that adds up in another order. */
    readonly blas: Ability;
    /** Namespaces of one's own with mounts and a host name, by `unshare`. */
    readonly namespaces: Ability;
    readonly taskset: Ability;
    readonly setarch: Ability;
    /** The folder (LOCPATH) that holds et_EE.UTF-8. */
    readonly estonian: Ability;
  };
}

const run = promisify(execFile);

/**
 * Looks, and makes what has to be compiled, in `folder`, where it is found again the next time. The folder must be the
 * user's own. Never rejects for what the machine lacks.
 */
export async function findAbilities(folder: string, env: NodeJS.ProcessEnv): Promise<Abilities> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [shim, blas, namespaces, setarch, estonian] = await Promise.all([
    compile("surroundings", folder, env),
    compile("blas", folder, env),
    tryNamespaces(env),
    tryCommand("setarch", ["-R", "true"], env),
    compileLocale(folder, env),
  ]);
  const taskset = await tryCommand("taskset", ["-c", "0", "true"], env);
  return { has: { shim, blas, namespaces, taskset, setarch, estonian } };
}

/** Where what had to be compiled is found again: below the user's folder for such things. */
export function abilitiesFolder(env: NodeJS.ProcessEnv): string {
  const cache = env["XDG_CACHE_HOME"] || path.join(env["HOME"] || homedir(), ".cache");
  return path.join(cache, "mlpipe", "world");
}

function missing(why: string): Ability {
  return { kind: "missing", why };
}

const onlyLinux = missing(`on ${process.platform} there is no means for it`);

async function tryCommand(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ability> {
  if (process.platform !== "linux") return onlyLinux;
  const program = findProgram(name, env);
  if (program === undefined) return missing(`there is no program \`${name}\``);
  return attempt(`\`${name} ${args[0]}\` is not allowed here`, async () => {
    await run(program, [...args], { env });
    return program;
  });
}

/** What the command says is told behind `what`. */
async function attempt(what: string, work: () => Promise<string>): Promise<Ability> {
  try {
    return { kind: "there", at: await work() };
  } catch (error) {
    const { stderr = "" } = error as { readonly stderr?: string };
    const [line = ""] = stderr.trim().split("\n");
    return missing(line === "" ? what : `${what}: ${line}`);
  }
}

/** Mounts, and that the user is again who he was. */
async function tryNamespaces(env: NodeJS.ProcessEnv): Promise<Ability> {
  const script = 'hostname mlpipe && mount --bind /dev/null /proc/cpuinfo && exec "$@"';
  const back = ["unshare", "--map-user=1", "--map-group=1", "true"];
  return tryCommand("unshare", ["-r", "--uts", "-m", "sh", "-c", script, "sh", ...back], env);
}

/** Under another name first, so that nobody meets half of it. */
async function compile(name: string, folder: string, env: NodeJS.ProcessEnv): Promise<Ability> {
  if (process.platform !== "linux") return onlyLinux;
  const compiler = findProgram("cc", env) ?? findProgram("gcc", env) ?? findProgram("clang", env);
  const source = path.join(stdlib, "shim", `${name}.c`);
  const hash = createHash("sha256").update(await readFile(source));
  const digest = hash.update(`${process.arch} ${release()}`).digest("hex").slice(0, 16);
  const library = path.join(folder, `${name}-${digest}.so`);
  if (/[\s:]/u.test(library)) return missing(cannotBePreloaded(folder));
  if (existsSync(library)) return { kind: "there", at: library };
  if (compiler === undefined) return missing("there is no C compiler (`cc`)");
  return attempt("the C compiler fails", () =>
    makeWhole(library, async (to) => {
      await run(compiler, ["-O1", "-shared", "-fPIC", "-o", to, source, "-ldl", "-lpthread"]);
    }),
  );
}

/** LD_PRELOAD has no way to quote; what it cannot load it passes over, and every process complains of it. */
function cannotBePreloaded(folder: string): string {
  return `LD_PRELOAD takes no path with a blank or a colon, as ${folder} has; set XDG_CACHE_HOME to another folder`;
}

async function compileLocale(folder: string, env: NodeJS.ProcessEnv): Promise<Ability> {
  const locales = path.join(folder, "locales");
  const place = path.join(locales, "et_EE.UTF-8");
  if (existsSync(place)) return { kind: "there", at: locales };
  const program = findProgram("localedef", env);
  if (program === undefined) return missing("there is no program `localedef` to make a locale");
  await mkdir(locales, { recursive: true, mode: 0o700 });
  return attempt("`localedef` cannot make et_EE.UTF-8", async () => {
    await makeWhole(place, async (to) => {
      await run(program, ["--no-archive", "-i", "et_EE", "-f", "UTF-8", to], { env });
    });
    return locales;
  });
}

async function makeWhole(place: string, make: (to: string) => Promise<void>): Promise<string> {
  const folder = await mkdtemp(path.join(path.dirname(place), "making-"));
  try {
    const made = path.join(folder, path.basename(place));
    await make(made);
    await rename(made, place).catch((error: unknown) => {
      if (!existsSync(place)) throw error;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return place;
}
