/** Executes R code as a step through the protocol alone: writes step.json, starts the process, reads what it left. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { type FoundR, findR, rCommand } from "../../src/run/r.ts";
import { printHexFloat } from "../../src/run/hex-float.ts";
import type { StepEvent, StepFile } from "../../src/run/protocol.ts";

export const native: FoundR = findR({ ...process.env, MLPIPE_R: "" });
/** Why tests with R are skipped, or undefined; never in CI: there it throws. */
export const noR: string | undefined = native.kind === "rscript" ? undefined : refuse();

function refuse(): string {
  const reason = "no Rscript on PATH: install R (sudo apt install r-base-core r-cran-rpart)";
  if (process.env["CI"] === "true") throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return reason;
}

export type Of<Kind extends StepEvent["kind"]> = StepEvent & { readonly kind: Kind };

export interface Wanted extends Partial<Omit<StepFile, "code">> {
  /** Verbatim; its first line is line `line` of `shownAs`. */
  readonly code: string;
  readonly line?: number;
  readonly shownAs?: string;
  readonly script?: boolean;
  /** Written below the project's folder before R starts. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cleanStart?: boolean;
  readonly by?: FoundR;
  /** Called with what R has printed so far. */
  readonly onOutput?: (printed: string, kill: (signal: NodeJS.Signals) => void) => void;
}

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly StepEvent[];
  readonly folder: string;
  /** Text of an output. */
  readonly output: (path: string) => string;
}

/** A folder that lives as long as the test; `realpath`, because R resolves links. */
export function testFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "mlpipe r-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Executes `code` in a fresh folder, or in `folder` where it is given. */
export async function runR(wanted: Wanted): Promise<Ran> {
  const folder = wanted.folder ?? testFolder();
  const stepFile = writeStepFile(wanted, folder);
  const found = wanted.by ?? native;
  if (found.kind === "none") throw new Error("guard this test with skipIf(noR)");
  const inherited = { ...process.env, ...wanted.env };
  const command = rCommand(found, stepFile, {
    cleanStart: wanted.cleanStart ?? true,
    env: inherited,
  });
  const env = { ...inherited, ...command.env };
  const child = spawn(command.file, command.args, {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  child.stdout.on("data", (bytes: Buffer) => {
    printed += bytes.toString();
    wanted.onOutput?.(printed, (signal) => child.kill(signal));
  });
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  const output = (path: string): string => readFileSync(join(folder, "out", path), "utf8");
  const events = readEvents(join(folder, "events.ndjson"));
  return { exitCode: child.exitCode, stdout, stderr, events, folder, output };
}

function writeStepFile(wanted: Wanted, folder: string): string {
  const { code, line = 1, script = false, shownAs = "test.mlpipe", files = {}, ...more } = wanted;
  const { env: _env, cleanStart: _clean, by: _by, onOutput: _onOutput, ...given } = more;
  mkdirSync(join(folder, "out"), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  writeFileSync(join(folder, "code"), code);
  const step: StepFile = {
    protocol: 1,
    run: { id: "0123456789abcdef", name: "trial" },
    step: "trial",
    language: "r",
    params: [],
    inputs: [],
    metrics: [],
    artifacts: [],
    models: [],
    secrets: {},
    seed: null,
    args: [],
    ...given,
    folder,
    outputs: join(folder, "out"),
    events: join(folder, "events.ndjson"),
    logged: join(folder, "logged.ndjson"),
    code: { path: join(folder, "code"), shownAs, line, script },
  };
  writeFileSync(join(folder, "step.json"), JSON.stringify(step));
  writeFileSync(step.events, "");
  return join(folder, "step.json");
}

function readEvents(file: string): readonly StepEvent[] {
  const lines = readFileSync(file, "utf8").split("\n");
  if (lines.pop() !== "") throw new Error("the last event is not complete");
  return lines.map((line) => JSON.parse(line) as StepEvent);
}

/** The events of one kind, in order. */
export function eventsOf<Kind extends StepEvent["kind"]>(
  ran: Ran,
  kind: Kind,
): readonly Of<Kind>[] {
  return ran.events.filter((event): event is Of<Kind> => event.kind === kind);
}

/** An error or warning as one line: `R0810 test.mlpipe:3:5 message | fix`. */
export function findings(ran: Ran, kind: "error" | "warning" = "error"): readonly string[] {
  return eventsOf(ran, kind).map(({ code, file, line, column, message, fix }) => {
    const place = [file, line, column].filter((part) => part !== null).join(":");
    return [code, place, message, fix && `| ${fix}`].filter((part) => part !== "").join(" ");
  });
}

/** Throws unless the step ended well; returns it, for chains. */
export function wentWell(ran: Ran): Ran {
  const end = ran.events.at(-1);
  if (ran.exitCode === 0 && end?.kind === "end" && end.ok) return ran;
  throw new Error(
    `exit code ${String(ran.exitCode)}\n${findings(ran).join("\n")}\n${ran.stdout}\n${ran.stderr}`,
  );
}

export const metric = (key: string, more: object = {}): StepFile["metrics"][number] => ({
  key,
  variable: key,
  over: false,
  call: null,
  required: true,
  ...more,
});

export const artifact = (
  key: string,
  format: StepFile["artifacts"][number]["format"],
  more: object = {},
): StepFile["artifacts"][number] => ({
  key,
  variable: key,
  format,
  path: `${key}.${format}`,
  required: true,
  ...more,
});

export const model = (key: string, more: object = {}): StepFile["models"][number] => ({
  key,
  variable: key,
  flavor: "crate",
  path: key,
  packages: [],
  probe: null,
  required: true,
  ...more,
});

export const float = (name: string, value: number): StepFile["params"][number] => ({
  name,
  type: "float",
  value: { float: printHexFloat(value) },
});
