/** What a traced step really read, wrote, called and drew, from what lies in its folder. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Language } from "../../check/program.ts";
import { nodeRuntime } from "../../run/node.ts";
import type { StepEvent, StepFile, StepLoaded } from "../../run/protocol.ts";
import { redact } from "../../run/output-redact.ts";
import { parseStepEvent } from "../../run/step-event.ts";
import { stdlib } from "../shipped.ts";
import { type FileAct, type FileUse, fileUses, isUrl } from "./file-use.ts";
import { type Given, givenOf } from "./given.ts";
import { parseStrace, straceFile } from "./strace.ts";
import { type Call, type Expression, type TraceLine, parseTraceLines } from "./trace-line.ts";

export interface StepTrace {
  readonly step: string;
  readonly language: Language;
  /** `R 4.2.2`; empty where the step has died before it began. */
  readonly runtime: string;
  /** False: the code did not come to its end, so that what it never did says nothing. */
  readonly complete: boolean;
  /** What has recorded the files: strace all of them, hooks what the functions of the language were asked for. */
  readonly recorder: "strace" | "hooks";
  /** In the order in which they are declared: params, inputs, secrets. */
  readonly given: readonly Given[];
  readonly expressions: readonly Expression[];
  /** In the order of their first time. */
  readonly calls: readonly Call[];
  readonly files: readonly FileUse[];
  /** Start-up files that were read, such as .Rprofile; absolute. */
  readonly startup: readonly string[];
}

/** Undefined where the step was not traced, or never began. `secrets`: values that it must not tell. Rejects with the file system's errors. */
export async function readTrace(
  folder: string,
  secrets: readonly string[] = [],
): Promise<StepTrace | undefined> {
  const at = (name: string): string => path.join(folder, name);
  const text = await readIfThere(at("trace.ndjson"));
  const stepText = await readIfThere(at("step.json"));
  if (text === undefined || stepText === undefined) return undefined;
  const step = JSON.parse(stepText) as StepFile;
  const lines = parseTraceLines(redact(text, secrets));
  const calls = callsIn(lines);
  const events = eventsIn((await readIfThere(at("events.ndjson"))) ?? "");
  const loaded = events.find((event) => event.kind === "end")?.loaded;
  const code = [...(loaded?.files ?? []), ...sourcedBy(calls)];
  const texts = await Promise.all([step.code.path, ...code].map(readIfThere));
  const start = lines.find((line) => line.kind === "start");
  const recorded = await readIfThere(at(straceFile));
  const acts = recorded === undefined ? actsOf(calls) : placed(parseStrace(recorded), calls);
  const profiles = [...new Set([...(start?.files ?? []), ...acts.flatMap(profileOf)])];
  const startup = (await Promise.all(profiles.map(sayingSomething))).flat();
  return {
    step: step.step,
    language: step.language,
    runtime: start?.runtime ?? "",
    complete: lines.some((line) => line.kind === "end"),
    recorder: recorded === undefined ? "hooks" : "strace",
    given: givenOf(
      step,
      lines,
      texts.filter((one) => one !== undefined),
    ),
    expressions: lines.flatMap((line) => (line.kind === "expression" ? [line] : [])),
    calls,
    files: fileUses(
      acts.filter((act) => !profiles.includes(act.path)),
      step,
      { libraries: librariesOf(loaded), code, given: artifactsIn(events) },
    ),
    startup,
  };
}

/** Calls of one kind from one place in one expression are one. */
function callsIn(lines: readonly TraceLine[]): readonly Call[] {
  const calls = new Map<string, Call>();
  for (const line of lines) {
    if (line.kind !== "call") continue;
    const { kind: _, ...call } = line;
    const key = JSON.stringify({ ...call, count: 0 });
    calls.set(key, { ...call, count: call.count + (calls.get(key)?.count ?? 0) });
  }
  return [...calls.values()];
}

function actsOf(calls: readonly Call[]): readonly FileAct[] {
  return calls.flatMap(({ about, name, via, detail, file, line, column }): readonly FileAct[] => {
    const use = about === "order" ? "list" : about;
    if (detail === null || !(path.isAbsolute(detail) || isUrl(detail))) return [];
    if (use !== "read" && use !== "write" && use !== "list") return [];
    return [{ use, path: detail, at: { file, line, column }, by: via ?? name }];
  });
}

/** What was recorded, with the places that the code is known to have done it at; what only they know stands behind. */
function placed(recorded: readonly FileAct[], calls: readonly Call[]): readonly FileAct[] {
  const told = actsOf(calls);
  const places = new Map(told.toReversed().map((act) => [`${act.use} ${act.path}`, act]));
  const known = new Set(recorded.map(({ use, path: file }) => `${use} ${file}`));
  const rest = told.filter(({ use, path: file }) => isUrl(file) && !known.has(`${use} ${file}`));
  const place = (act: FileAct): FileAct =>
    places.get(`${act.use} ${act.path}`) ?? { ...act, ...startOf(act, calls) };
  return [...recorded.map(place), ...rest];
}

/** A program or worker that was started with the file's name reads it, or is it. */
function startOf(
  { path: file }: FileAct,
  calls: readonly Call[],
): Pick<FileAct, "at" | "by"> | undefined {
  const start = calls.find(
    ({ about, detail }) =>
      (about === "process" || about === "scheduling") && detail?.includes(path.basename(file)),
  );
  if (!start) return undefined;
  const { file: where, line, column, name } = start;
  return { at: { file: where, line, column }, by: name };
}

/** A start-up file of R that is not a part of R. */
function profileOf({ use, path: file }: FileAct): readonly string[] {
  return use === "read" && /\/(\.Rprofile|Rprofile\.site|\.Renviron|Renviron\.site)$/.test(file)
    ? [file]
    : [];
}

/** A start-up file that holds more than blank lines and comments. */
async function sayingSomething(file: string): Promise<readonly string[]> {
  const text = (await readIfThere(file)) ?? "";
  return /^\s*[^\s#]/m.test(text) ? [file] : [];
}

/** Files that are code: what the code itself has sourced. */
function sourcedBy(calls: readonly Call[]): readonly string[] {
  const isSourcing = ({ name }: Call): boolean => name === "source" || name === "sys.source";
  return calls.filter(isSourcing).flatMap(({ detail }) => (detail === null ? [] : [detail]));
}

function librariesOf(loaded: StepLoaded | undefined): readonly string[] {
  const packages = loaded?.packages.map((one) => one.path) ?? [];
  const node = path.dirname(path.dirname(process.execPath));
  return [node, nodeRuntime, stdlib, ...(loaded?.libraries ?? []), ...packages];
}

function eventsIn(text: string): readonly StepEvent[] {
  return text.split("\n").flatMap((line) => {
    const event = parseStepEvent(line);
    return "kind" in event ? [event] : [];
  });
}

function artifactsIn(events: readonly StepEvent[]): readonly string[] {
  return events.flatMap((event) => (event.kind === "artifact" ? [event.path] : []));
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
