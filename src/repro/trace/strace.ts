/** The exact recorder of files: strace, where it is installed; how a step is started under it, and what it has written down. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../../run/search-path.ts";
import type { FileAct } from "./file-use.ts";

/** In the step's folder. */
export const straceFile = "files.strace";

const opening = "open,openat,openat2,creat";
const changing = "rename,renameat,renameat2,unlink,unlinkat,chdir";
const options = [
  "-D",
  "-f",
  "--seccomp-bpf",
  "-qq",
  "-y",
  "-e",
  "signal=none",
  "-e",
  `trace=${opening},${changing}`,
];

/** The last word of a step's command is its step.json; what it records goes beside that. Arguments are never read as code. */
const beside = `strace=$1; shift; for last; do :; done
case $last in */step.json) exec "$strace" ${options.join(" ")} -o "\${last%/*}/${straceFile}" "$@";; esac
exec "$@"`;

/** What comes before a step's own command. The step stays the child, and strace watches from beside. */
export function straceBefore(program: string): readonly string[] {
  return ["sh", "-c", beside, "sh", program];
}

/** The program, where it is on PATH and may watch other processes here. */
export async function findStrace(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const found = process.platform === "linux" ? findProgram("strace", env) : undefined;
  if (found === undefined) return undefined;
  try {
    await promisify(execFile)(found, [...options, "-o", "/dev/null", "true"], { env });
    return found;
  } catch {
    return undefined;
  }
}

const quoted = String.raw`"((?:[^"\\]|\\.)*)"`;
const annotated = String.raw`<((?:[^<>\\]|\\.)*)>`;
const patterns = {
  open: new RegExp(String.raw`^(?:open|openat|openat2|creat)\((.*)\)\s+= \d+${annotated}`),
  folder: new RegExp(String.raw`\bAT_FDCWD${annotated}`),
  chdir: new RegExp(String.raw`^chdir\(${quoted}\)\s+= 0`),
  change: /^(?:rename|unlink)(?:at2?)?\(.*\)\s+= 0/,
  changed: new RegExp(`(?:(?:AT_FDCWD|\\d+)${annotated}, )?${quoted}`, "g"),
};

/** In the order in which they happened, for all processes; what failed is left out. Lines that are torn say nothing. */
export function parseStrace(text: string): readonly FileAct[] {
  const folders = new Map<string, string>();
  return wholeCalls(text).flatMap(({ process: id, call }) => {
    const folder = patterns.folder.exec(call)?.[1] ?? patterns.chdir.exec(call)?.[1];
    if (folder !== undefined) folders.set(id, plain(folder));
    return actsOf(call, folders.get(id) ?? "/");
  });
}

/** A call that another process has interrupted stands in two lines. */
function wholeCalls(text: string): readonly { readonly process: string; readonly call: string }[] {
  const begun = new Map<string, string>();
  return text.split("\n").flatMap((line) => {
    const [, process, said] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (process === undefined || said === undefined) return [];
    if (said.endsWith("<unfinished ...>")) {
      begun.set(process, said.slice(0, -"<unfinished ...>".length).trimEnd());
      return [];
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(said)?.[1];
    return [{ process, call: resumed === undefined ? said : (begun.get(process) ?? "") + resumed }];
  });
}

function actsOf(call: string, folder: string): readonly FileAct[] {
  const [, flags = "", opened] = patterns.open.exec(call) ?? [];
  if (opened !== undefined) return usesBy(call, flags).map((use) => act(use, plain(opened)));
  if (!patterns.change.test(call)) return [];
  return [...call.matchAll(patterns.changed)].map(([, base, file = ""]) =>
    act("write", path.resolve(base === undefined ? folder : plain(base), plain(file))),
  );
}

function usesBy(call: string, flags: string): readonly FileAct["use"][] {
  if (/\bO_PATH\b/.test(flags)) return [];
  if (/\bO_DIRECTORY\b/.test(flags)) return ["list"];
  if (/\bO_RDWR\b/.test(flags)) return ["read", "write"];
  return call.startsWith("creat(") || /\bO_WRONLY\b/.test(flags) ? ["write"] : ["read"];
}

function act(use: FileAct["use"], file: string): FileAct {
  return { use, path: file, at: undefined, by: undefined };
}

/** Bytes beyond ASCII, quotes and the like are written as in C. */
function plain(text: string): string {
  const named: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12 };
  const bytes = [...text.matchAll(/\\([0-7]{1,3})|\\(.)|([^\\]+)/gs)].map(
    ([, octal, escaped, rest]) =>
      octal !== undefined
        ? Buffer.from([Number.parseInt(octal, 8)])
        : escaped !== undefined
          ? Buffer.from([named[escaped] ?? escaped.charCodeAt(0)])
          : Buffer.from(rest ?? ""),
  );
  return Buffer.concat(bytes).toString();
}
