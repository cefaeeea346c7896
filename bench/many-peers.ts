/** The same steps by hand, as xargs, GNU make and Snakemake run them: `node s1.mjs`, `node s2.mjs`, …, two at a time. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import type { Bed } from "./bed.ts";
import type { Command } from "./measure.ts";

/** Snakemake's own virtual environment; it is made by the first bench that runs. */
const environment = path.join(homedir(), ".cache", "mlpipe", "snakemake");
const snakemake = path.join(environment, "bin", "snakemake");

/** What `xargs` calls for each of `names`. */
export function byXargs(bed: Bed, names: readonly string[]): Command {
  const list = bed.write(`names-${names.length}.txt`, names.map((name) => `${name}\n`).join(""));
  return bed.command("xargs", "-P2", "-n1", "-a", list, process.execPath);
}

export function byMake(bed: Bed, names: readonly string[]): Command {
  const rules = names.map((name) => `${name}.done:\n\t${process.execPath} ${name}\n`).join("");
  const targets = names.map((name) => `${name}.done`).join(" ");
  const file = bed.write(`Makefile-${names.length}`, `all: ${targets}\n${rules}`);
  return bed.command("make", "-s", "-j2", "-f", file);
}

/** Each step leaves a mark that it is done, without which Snakemake has no jobs; it is taken away before each run. */
export function bySnakemake(bed: Bed, names: readonly string[]): Command {
  const rules = [
    `rule all:\n  input: ${JSON.stringify(names.map((name) => `done/${name}`))}\n`,
    `rule one:\n  output: touch("done/{name}")\n  shell: "${process.execPath} {wildcards.name}"\n`,
  ];
  const file = bed.write(`Snakefile-${names.length}`, rules.join("\n"));
  const remove = (name: string): void =>
    rmSync(path.join(bed.folder, name), { recursive: true, force: true });
  return {
    ...bed.command(snakemake, "--quiet", "all", "--cores", "2", "-s", file),
    prepare() {
      remove("done");
      remove(".snakemake");
    },
  };
}

/** Snakemake's version, installed from PyPI if need be; or why it is not there. */
export function findSnakemake(): { readonly version: string } | { readonly reason: string } {
  const found = ask(snakemake, "--version");
  if (found.ok) return { version: found.text };
  rmSync(environment, { recursive: true, force: true });
  const made = ask("python3", "-m", "venv", environment);
  if (!made.ok) return { reason: made.text };
  const pip = path.join(environment, "bin", "pip");
  const installed = ask(pip, "install", "--quiet", "--disable-pip-version-check", "snakemake");
  if (!installed.ok) return { reason: installed.text };
  const now = ask(snakemake, "--version");
  return now.ok ? { version: now.text } : { reason: now.text };
}

/** What a command prints; where it fails, the last line of what it complains about. */
function ask(
  file: string,
  ...args: readonly string[]
): { readonly ok: boolean; readonly text: string } {
  const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: "utf8" });
  if (status === 0) return { ok: true, text: stdout.trim() };
  const [last] = String(stderr ?? "")
    .trim()
    .split("\n")
    .slice(-1);
  return { ok: false, text: error?.message ?? (last || `${file} ended with ${status}`) };
}
