/** Tools that make the environments of projects: asked for a line, or run with their output shown. */
import { execFile } from "node:child_process";
import type { Listener } from "./event.ts";
import { RunFailed, fail, failure } from "./failure.ts";
import { runProcess } from "./process.ts";

export interface ToolContext {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly listener: Listener;
}

/** What a program prints on either stream; undefined when it fails or cannot be started. */
export function askTool(
  file: string,
  args: readonly string[],
  { env, folder, signal }: Pick<ToolContext, "env" | "folder" | "signal">,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(file, args, { env, cwd: folder, signal, maxBuffer: 1 << 24 }, (error, out, said) =>
      resolve(error === null ? `${out}${said}`.trim() : undefined),
    );
  });
}

/** The name under which the making of an environment is shown, as if it were a step. */
export const environmentStep = "environment";

/** Runs each command in turn, its output shown; throws RunFailed at the first that fails. */
export async function runTools(
  commands: readonly (readonly [string, ...string[]])[],
  context: ToolContext,
  more: NodeJS.ProcessEnv = {},
): Promise<void> {
  for (const [file, ...args] of commands) await runTool(file, args, context, more);
}

async function runTool(
  file: string,
  args: readonly string[],
  { folder, env, signal, listener }: ToolContext,
  more: NodeJS.ProcessEnv,
): Promise<void> {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const result = await runProcess({
    command: file,
    args,
    cwd: folder,
    env: { ...env, ...more },
    timeoutMs: undefined,
    graceMs: 5000,
    signal,
    // On standard error: what the project prints may be read by a program.
    onOutput: (stream, bytes) =>
      listener({
        kind: "output",
        step: environmentStep,
        stream: "stderr",
        text: decoders[stream].decode(bytes, { stream: true }),
      }),
  });
  if (signal.aborted) throw new RunFailed(failure("R0853", { signal: String(signal.reason) }));
  const command = [file, ...args].join(" ");
  if (result.kind === "not-started") fail("R0874", { command, ending: result.message });
  if (result.exitCode === 0) return;
  const ending =
    result.exitCode === null
      ? `was killed by ${result.signal}`
      : `ended with exit code ${result.exitCode}`;
  fail("R0874", { command, ending });
}
