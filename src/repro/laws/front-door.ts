/** mlpipe itself as a process of its own, in a copy of the project with a tracker of its own: as a user would start it. */
import { spawn } from "node:child_process";
import path from "node:path";
import { formatParam } from "../../check/domain.ts";
import type { RunEvent } from "../../run/event.ts";
import { copyProject } from "../copy-project.ts";
import { OutOfTime } from "./out-of-time.ts";
import type { ParamsRecord } from "./params-arbitrary.ts";
import type { Session } from "./session.ts";

export interface Ended {
  /** Null: it was killed. */
  readonly code: number | null;
  /** What `--json` has printed. */
  readonly events: readonly RunEvent[];
  /** All of it. */
  readonly printed: string;
  /** The first line on standard error; empty where there is none. */
  readonly complaint: string;
  /** Of the run that it has made or gone on with; undefined where there is none. */
  readonly runId: string | undefined;
}

/** Answers the folder. */
export async function copyFor({ project, scratch }: Session, name: string): Promise<string> {
  const folder = path.join(scratch, name, path.basename(project));
  await copyProject(project, folder);
  return folder;
}

/** `-P` for every param of the run. */
export function wordsFor(
  { run }: { readonly run: Pick<Session["run"], "params"> },
  params: ParamsRecord,
): readonly string[] {
  return run.params.flatMap(({ name, type }) => {
    const value = params[name] ?? null;
    return ["-P", `${name}=${value === null ? "null" : formatParam(value, type)}`];
  });
}

/** The usual values in a copy of the project whose cache is empty: what other runs of mlpipe are held against. */
export async function runWhole(session: Session): Promise<Done> {
  const folder = await copyFor(session, "whole");
  return { folder, ended: await runFile(session, folder, wordsFor(session, session.space.usual)) };
}

/** A run of mlpipe, and the folder whose tracker has it. */
export interface Done {
  readonly folder: string;
  readonly ended: Ended;
}

/** `mlpipe run` of the session's run. `killAfter`: kills it after so many lines of `--json`. */
export function runFile(
  session: Session,
  folder: string,
  more: readonly string[],
  killAfter = Infinity,
): Promise<Ended> {
  const words = ["run", session.program.file, session.run.name, ...more, "--json"];
  return mlpipe(session, folder, words, killAfter);
}

/** Rejects with OutOfTime where the budget ends first. */
export async function mlpipe(
  { command, env, signal, executor }: Session,
  folder: string,
  words: readonly string[],
  killAfter = Infinity,
): Promise<Ended> {
  if (signal.aborted) throw new OutOfTime();
  if (words[0] === "run" || words[0] === "replay") executor.countOther();
  const [file = "", ...args] = command;
  const child = spawn(file, [...args, ...words], {
    cwd: folder,
    env: withoutTracking(env),
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    killSignal: "SIGTERM",
  });
  const printed = { out: "", error: "" };
  let lines = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed.out += text;
    lines += text.split("\n").length - 1;
    if (lines >= killAfter) child.kill("SIGKILL");
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed.error += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("close", resolve);
    child.on("error", (error) => {
      if (!signal.aborted) reject(error);
    });
  });
  if (signal.aborted) throw new OutOfTime();
  const events = eventsIn(printed.out);
  const complaint = firstLine(printed.error);
  return { code, events, printed: printed.out, complaint, runId: runIdIn(events) };
}

/** What names a tracker would be logged to. */
function withoutTracking(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(
    ([name]) => !/^(MLFLOW_|MLPIPE_STEP|FORCE_COLOR)/.test(name),
  );
  return Object.fromEntries(own);
}

/** Whole lines that are events; a last one may be torn. */
function eventsIn(text: string): readonly RunEvent[] {
  return text.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return typeof value === "object" && value !== null && "kind" in value
        ? [value as RunEvent]
        : [];
    } catch {
      return [];
    }
  });
}

function runIdIn(events: readonly RunEvent[]): string | undefined {
  for (const event of events)
    if (event.kind === "run-created" || event.kind === "run-resumed") return event.runId;
  return undefined;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
