/** Console blocks of the documentation, executed: what a reader would type, and whether the machine says what the page says. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { mlflowFolder, plainEnvironment } from "./mlflow.ts";
import { entry, root, runProgram } from "./mlpipe.ts";

export interface Typed {
  /** As after the prompt. */
  readonly command: string;
  /** What the page says it prints. */
  readonly printed: string;
}

/** Commands of a console block, each with the lines below it. */
export function readConsole(text: string): readonly Typed[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n");
      return { command: part.slice(0, end), printed: part.slice(end + 1) };
    });
}

export interface Answered {
  readonly command: string;
  readonly printed: string;
  readonly code: number;
}

/** Types the commands into one shell in `folder`, one after the other; `mlpipe` is the sources as they are. */
export async function typeCommands(
  commands: readonly string[],
  folder: string,
): Promise<readonly Answered[]> {
  const bin = installCommands(folder);
  const { stdout } = await runProgram("bash", ["-c", shellScript(commands)], {
    cwd: folder,
    env: consoleEnvironment(bin),
  });
  const answers = stdout.split(/\n@@ended (\d+)\n/);
  return commands.map((command, index) => ({
    command,
    printed: answers[2 * index] ?? "",
    code: Number(answers[2 * index + 1]),
  }));
}

/** Each command's output up to a line that ends it; `$?` stays what the command left. */
function shellScript(commands: readonly string[]): string {
  const lines = commands.flatMap((command) => [
    `{ ${command}`,
    "} 2>&1",
    'code=$?; printf "\\n@@ended %s\\n" "$code"; (exit "$code")',
  ]);
  return lines.join("\n");
}

/** `mlpipe` for the shell, and what `npm install mlpipe vitest` leaves for `npx` and for imports. Answers the folder for PATH. */
function installCommands(folder: string): string {
  const bin = path.join(folder, ".mlpipe", "bin");
  mkdirSync(bin, { recursive: true });
  const command = path.join(bin, "mlpipe");
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${entry}" "$@"\n`);
  chmodSync(command, 0o755);
  const modules = path.join(folder, "node_modules");
  const links = {
    mlpipe: root,
    vitest: path.join(root, "node_modules", "vitest"),
    ".bin/mlpipe": path.join(root, "dist", "cli", "bin.js"),
    ".bin/vitest": path.join(root, "node_modules", "vitest", "vitest.mjs"),
  };
  mkdirSync(path.join(modules, ".bin"), { recursive: true });
  for (const [name, target] of Object.entries(links)) {
    const link = path.join(modules, name);
    rmSync(link, { force: true });
    symlinkSync(target, link);
  }
  return bin;
}

function consoleEnvironment(bin: string): Record<string, string> {
  const all = plainEnvironment({ NO_COLOR: "1" });
  const own = Object.entries(all).filter(([name]) => !/^(MLPIPE_R$|FORCE_COLOR$|GIT_)/.test(name));
  const mlflow = mlflowFolder === undefined ? [] : [path.join(mlflowFolder, "bin")];
  const search = [bin, path.dirname(process.execPath), ...mlflow, process.env["PATH"] ?? ""];
  return { ...Object.fromEntries(own), PATH: search.join(path.delimiter) };
}

/** What differs from run to run or machine to machine: ids, times, durations, memory, a number's last digits, column widths. */
export function normalise(text: string): string {
  return (
    text
      .replaceAll(/\b[0-9a-f]{32}\b/g, "<id>")
      .replaceAll(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b/g, "<time>")
      .replaceAll(/\b(\d+\.\d+ ?s|\d+ ms)\b/g, "<duration>")
      // Only of a step that somebody had time to look at.
      .replaceAll(/^((?:done|failed) .*<duration>) {2}\d+(?:\.\d)? [kMG]B$/gm, "$1")
      .replaceAll(/\b\d+\.\d{8,}\b/g, (number) => String(Number(Number(number).toPrecision(8))))
      .replaceAll(/(?<=\S) {2,}/g, "  ")
      .replaceAll(/[ \t]+$/gm, "")
      .trimEnd()
  );
}

/** Whether `printed` is what the page says; a line `…` stands for any lines, `…` within a line for any text of it. */
export function isAsSaid(said: string, printed: string): boolean {
  const lines = normalise(said).split("\n");
  const pattern = lines.map((line) =>
    line.trim() === "…" ? "(?:.*\n)*?" : `${linePattern(line)}\n`,
  );
  return new RegExp(`^${pattern.join("")}$`).test(`${normalise(printed)}\n`);
}

function linePattern(line: string): string {
  return line
    .split("…")
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    .join(".*");
}
