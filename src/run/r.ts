/** Which R executes a step, and the command that starts it. */
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram, isFolder, isProgram, spellings } from "./search-path.ts";

/** `webr` is R as WebAssembly; `entry` is the file of that package to import. */
export type FoundR =
  | { readonly kind: "rscript"; readonly path: string }
  | { readonly kind: "webr"; readonly entry: string }
  /** `asked` is what MLPIPE_R named, "" where nothing did. */
  | { readonly kind: "none"; readonly asked: string };

type Environment = Readonly<Record<string, string | undefined>>;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** To set on top of what the process inherits. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What MLPIPE_R names (a program, a folder that holds Rscript, or `webr`) or nothing; without it Rscript on PATH, else the
 * npm package webr. `folder` is the project's: its node_modules may hold webr.
 */
export function findR(env: Environment, folder?: string): FoundR {
  const named = env["MLPIPE_R"] ?? "";
  if (named !== "" && named !== "webr") {
    const found = rscriptAt(named, env);
    return found ? { kind: "rscript", path: found } : { kind: "none", asked: named };
  }
  const onPath = named === "webr" ? undefined : findProgram("Rscript", env);
  if (onPath !== undefined) return { kind: "rscript", path: onPath };
  const entry = findWebr(folder);
  return entry === undefined ? { kind: "none", asked: named } : { kind: "webr", entry };
}

/** `R` stands for the Rscript beside it, a folder for the one in it or in its bin. */
function rscriptAt(named: string, env: Environment): string | undefined {
  if (!/[\\/]/.test(named)) return findProgram(/^R(\.exe)?$/.test(named) ? "Rscript" : named, env);
  const given = path.resolve(named);
  const places = isFolder(given)
    ? [path.join(given, "Rscript"), path.join(given, "bin", "Rscript")]
    : /^R(\.exe)?$/.test(path.basename(given))
      ? [path.join(path.dirname(given), "Rscript")]
      : [given];
  return places.flatMap(spellings).find(isProgram);
}

/** The package as mlpipe sees it, else as the project does. */
function findWebr(folder: string | undefined): string | undefined {
  const from = [
    import.meta.url,
    ...(folder === undefined ? [] : [path.join(folder, "package.json")]),
  ];
  for (const place of from) {
    try {
      return createRequire(place).resolve("webr");
    } catch {
      // Not there: the next place may have it.
    }
  }
  return undefined;
}

const runtime = fileURLToPath(new URL("../../stdlib/r/runtime.R", import.meta.url));
/** The folder of what runs inside a step of R. */
export const rRuntime = path.dirname(runtime);
const ending = path.extname(fileURLToPath(import.meta.url));
const webrHost = fileURLToPath(new URL(`./webr-host${ending}`, import.meta.url));

/**
 * The command of one step. `cleanStart`: without the profiles and environment files of the user and the machine.
 * `env` is what the process will inherit: where it names no language R would hold no text beyond ASCII.
 */
export function rCommand(
  found: Exclude<FoundR, { kind: "none" }>,
  stepFile: string,
  { cleanStart, env }: { readonly cleanStart: boolean; readonly env: Environment },
): Command {
  if (found.kind === "webr")
    return { file: process.execPath, args: [webrHost, stepFile, found.entry], env: {} };
  const clean = cleanStart ? ["--no-init-file", "--no-site-file", "--no-environ"] : [];
  return {
    file: found.path,
    args: ["--no-save", "--no-restore", ...clean, runtime, stepFile],
    env: characterEnvironment(env),
  };
}

function characterEnvironment(env: Environment): Readonly<Record<string, string>> {
  const named = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"];
  return named || process.platform !== "linux" ? {} : { LC_CTYPE: "C.UTF-8" };
}

/** What to do where there is no R. */
export function adviseR(found: Extract<FoundR, { kind: "none" }>): string {
  const install =
    "install R (https://cran.r-project.org; on Debian or Ubuntu: sudo apt install r-base-core), or R as WebAssembly with its base packages only: npm install webr";
  return found.asked === "" || found.asked === "webr"
    ? install
    : `--r or MLPIPE_R names \`${found.asked}\`, which is no program here; ${install}`;
}
