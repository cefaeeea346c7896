/** A pipeline written for one test, and what `mlpipe verify` says of it. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { mlpipe, temporaryFolder } from "./mlpipe.ts";

export interface Verified {
  readonly code: number | null;
  /** Without what differs from time to time: how many executions it took, and how long. */
  readonly text: string;
  readonly stderr: string;
}

export interface VerifyOptions {
  readonly words?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** `source`: items of `run it`, whose first line is the fourth. The seed is 7, the budget two minutes, unless `words` say otherwise. */
export async function verifyRun(
  source: string,
  { words = [], files = {}, env = {} }: VerifyOptions = {},
): Promise<Verified> {
  using folder = temporaryFolder();
  folder.write("it.mlpipe", `mlpipe 1\n\nrun it {\n${source.trim()}\n}\n`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder.path, name)), { recursive: true });
    writeFileSync(path.join(folder.path, name), text);
  }
  const own = words.some((word) => word === "--seed" || word === "--replay") ? [] : ["--seed", "7"];
  const budget = words.includes("--budget") ? [] : ["--budget", "2min"];
  const all = ["verify", "it.mlpipe", "it", ...own, ...budget, ...words];
  const { code, stdout, stderr } = await mlpipe(all, { cwd: folder.path, env });
  return { code, text: normal(stdout), stderr };
}

function normal(text: string): string {
  return text.replaceAll(/\d+ executions? in .*?, (?=seed)/g, "");
}

export function fence(language: "r" | "js", code: string): string {
  return `\`\`\`${language}\n${code.trim()}\n\`\`\``;
}
