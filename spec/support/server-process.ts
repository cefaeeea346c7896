/** The command `mlpipe server` as a process of its own, which can be killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { plainEnvironment } from "./mlflow.ts";
import { entry } from "./mlpipe.ts";

export interface ServerProcess {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly uri: string;
  readonly pid: number;
  /** What it said to its operator so far. */
  readonly complaints: () => string;
  /** Resolves when the process is gone, to its exit code; null: the signal ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Starts it in `folder`, where its store is `mlflow.db` unless `words` say otherwise. Resolves when it listens. */
export async function startServerProcess(
  folder: string,
  more: Readonly<Record<string, string>> = {},
  words: readonly string[] = [],
): Promise<ServerProcess> {
  mkdirSync(folder, { recursive: true });
  const child = spawn(process.execPath, [entry, "server", "--port", "0", ...words], {
    cwd: folder,
    env: plainEnvironment(more),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(child, "exit");
  const uri = await addressPrinted(child.stdout);
  if (uri === undefined || child.pid === undefined)
    throw new Error(`mlpipe server ended before it listened: ${said}`);
  const end: ServerProcess["end"] = async (signal) => {
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  };
  return { uri, pid: child.pid, complaints: () => said, end };
}

/** As `startServerProcess`, for the test that runs: where it still is when that test ends, it is killed. */
export async function serverOfTest(
  ...words: Parameters<typeof startServerProcess>
): Promise<ServerProcess> {
  const server = await startServerProcess(...words);
  onTestFinished(async () => void (await server.end("SIGKILL")));
  return server;
}

async function addressPrinted(output: Readable): Promise<string | undefined> {
  for await (const line of createInterface({ input: output })) {
    const address = /http:\/\/\S+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  return undefined;
}
