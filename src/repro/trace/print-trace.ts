/** What `mlpipe trace` prints: of each step what it really read, wrote, drew and asked the machine for, and where. */
import { type Paint, paintWith } from "../../source/paint.ts";
import { harmless, widthOf } from "../../source/width.ts";
import type { FileUse } from "./file-use.ts";
import type { Given } from "./given.ts";
import type { RunTrace, TracedStep } from "./trace-run.ts";
import type { Call, Matter, Place } from "./trace-line.ts";

/** A line of the table. `bad`: what makes a result depend on something that nobody declares. */
interface Row {
  readonly topic: string;
  readonly what: string;
  readonly where: string;
  readonly bad?: boolean;
}

/** Places that are named before the rest is counted. */
const most = 3;

export function printTrace(
  trace: RunTrace,
  { command, color }: { readonly command: string; readonly color: boolean },
): string {
  const paint = paintWith(color);
  const used = usedParams(trace);
  const steps = trace.steps.map((step) => `${printStep(step, used, paint)}\n`);
  return [...steps, ...failed(trace, paint), ...advice(trace, command)].join("");
}

/** Every step sees the params of its run; one that any of them reads is of use. */
function usedParams({ steps }: Pick<RunTrace, "steps">): ReadonlySet<string> {
  const read = steps.flatMap(({ given }) =>
    given.filter((one) => one.kind === "param" && one.read),
  );
  return new Set(read.map(({ name }) => name));
}

function printStep(step: TracedStep, used: ReadonlySet<string>, paint: Paint): string {
  // Files, commands and variables are called as the code likes.
  const rows = rowsOf(step, used).map((row) => {
    return { ...row, what: harmless(row.what), where: harmless(row.where) };
  });
  const width = (pick: (row: Row) => string): number =>
    Math.max(0, ...rows.map((row) => widthOf(pick(row))));
  const [topics, whats] = [width(({ topic }) => topic), width(({ what }) => what)];
  const pad = (text: string, to: number): string => text + " ".repeat(to - widthOf(text));
  const lines = rows.map(({ topic, what, where, bad }, at) => {
    const shown = rows[at - 1]?.topic === topic ? "" : topic;
    const cell = pad(what, whats);
    return `  ${pad(shown, topics)}  ${bad ? paint("warning", cell) : cell}  ${where}`.trimEnd();
  });
  return `${[`${paint("strong", step.step)}  ${step.runtime}`, ...lines].join("\n")}\n`;
}

function rowsOf(step: TracedStep, used: ReadonlySet<string>): readonly Row[] {
  return [
    ...(["param", "input", "secret"] as const).flatMap((kind) => givenRows(step, kind, used)),
    ...step.files.flatMap(fileRow),
    ...step.startup.map((file) => ({ topic: "start-up files", what: file, where: "" })),
    ...randomRows(step),
    ...matters.flatMap(([about, topic]) => callRows(step, about, topic)),
  ];
}

function givenRows(
  { given, complete }: TracedStep,
  kind: Given["kind"],
  used: ReadonlySet<string>,
): readonly Row[] {
  const some = given.filter((one) => one.kind === kind);
  const rowOf = (isMeant: (one: Given) => boolean, said: string, bad: boolean): readonly Row[] => {
    const names = some.filter(isMeant).map(({ name }) => name);
    const what = `${names.join(", ")}: ${said}`;
    return names.length === 0 ? [] : [{ topic: `${kind}s`, what, where: "", bad }];
  };
  const isUsed = ({ name }: Given): boolean => kind === "param" && used.has(name);
  const never = complete ? "never read" : "not read before it ended";
  return [
    ...rowOf(({ read }) => read, "read", false),
    ...rowOf((one) => !one.read && isUsed(one), "read by other steps only", false),
    ...rowOf((one) => !one.read && !isUsed(one), never, true),
  ];
}

const verbs: Readonly<Record<FileUse["use"], string>> = {
  read: "reads",
  write: "writes",
  list: "lists",
};

/** What is declared and done needs no line. */
function fileRow({ use, shown, role, at, by }: FileUse): readonly Row[] {
  if (role !== "undeclared") return [];
  const where = at === undefined ? "" : `${placeText(at)}${by === undefined ? "" : ` ${by}`}`;
  return [{ topic: verbs[use], what: `${shown}, not declared`, where, bad: true }];
}

const matters: readonly (readonly [Matter, string])[] = [
  ["rng-kind", "generator"],
  ["clock", "clock"],
  ["timezone", "time zone"],
  ["locale", "locale"],
  ["environment", "environment"],
  ["host", "host"],
  ["cpu-count", "processors"],
  ["parallel", "parallel"],
  ["scheduling", "scheduling"],
  ["order", "order"],
  ["memory-order", "memory"],
  ["process", "programs"],
];

function callRows(step: TracedStep, about: Matter, topic: string): readonly Row[] {
  const groups = Map.groupBy(
    step.calls.filter((call) => call.about === about),
    ({ name, detail }) =>
      about === "environment" || about === "process" ? (detail ?? name) : name,
  );
  return [...groups].map(([what, calls]) => ({ topic, what, where: placesText(calls) }));
}

/** Seeded or not, by whom, and who draws. */
function randomRows(step: TracedStep): readonly Row[] {
  const seeds = step.calls.filter(({ about }) => about === "seed");
  const draws = step.calls.filter(({ about }) => about === "random");
  const silent = step.expressions.filter(
    ({ index, random }) =>
      random.includes("drawn") && !draws.some((call) => call.expression === index),
  );
  if (draws.length === 0 && silent.length === 0 && seeds.length === 0) return [];
  const own = {
    topic: "random",
    what: "seeded again by the code",
    where: placesText(seeds),
    bad: step.seed !== undefined,
  };
  const given =
    step.seed === undefined
      ? { topic: "random", what: "the run gives no seed", where: "", bad: seeds.length === 0 }
      : { topic: "random", what: `seeded by the run (${step.seed})`, where: "" };
  const groups = Map.groupBy(
    draws,
    ({ name, forked }) => `${name}${forked ? ", in another process" : ""}`,
  );
  return [
    given,
    ...(seeds.length === 0 ? [] : [own]),
    ...[...groups].map(([name, calls]) => ({
      topic: "random",
      what: `${name}: ${timesText(calls.reduce((sum, { count }) => sum + count, 0))}`,
      where: placesText(calls),
      bad: calls.some(({ forked }) => forked) || name.startsWith("crypto."),
    })),
    ...silent.map((expression) => ({
      topic: "random",
      what: "drawn in compiled code",
      where: `${expression.file}:${expression.line}`,
    })),
  ];
}

function timesText(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function placesText(calls: readonly Call[]): string {
  const places = [
    ...new Set(
      calls.map((call) => `${placeText(call)}${call.via === null ? "" : ` by ${call.via}`}`),
    ),
  ];
  const more = places.length - most;
  return `${places.slice(0, most).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function placeText({ file, line }: Place): string {
  return line === null ? file : `${file}:${line}`;
}

function failed({ failure }: RunTrace, paint: Paint): readonly string[] {
  if (!failure) return [];
  const fix = failure.fix === "" ? "" : `  ${failure.fix}\n`;
  return [
    `${paint("error", "the run failed")}  ${failure.code}  ${harmless(`${failure.place}  ${failure.message}`)}\n${fix}\n`,
  ];
}

/** How far the files can be trusted, and what to do next. */
function advice({ steps, file, run }: RunTrace, command: string): readonly string[] {
  if (steps.length === 0) return [];
  const undeclared = steps.flatMap(({ files }) =>
    files.filter(({ role, use }) => role === "undeclared" && use === "read"),
  );
  const used = usedParams({ steps });
  const dead = steps.some(
    ({ complete, given }) =>
      complete && given.some(({ kind, name }) => kind === "param" && !used.has(name)),
  );
  const [first] = undeclared;
  return [
    steps.every(({ recorder }) => recorder === "strace")
      ? "Files as the system has seen them (strace).\n"
      : "Files as the functions of the language were asked for them; with strace (sudo apt install strace) none is missed.\n",
    ...(first
      ? [`Declare what a step reads: input ${nameOf(first)} from "${harmless(first.shown)}"\n`]
      : []),
    ...(dead ? ["Use the params that are never read, or take them out.\n"] : []),
    `Whether any of it changes a result: ${command} verify ${file} ${run}\n`,
  ];
}

/** A variable for a file: `extra` for `data/extra.csv`. */
function nameOf({ shown }: FileUse): string {
  const [base = ""] = shown.split("/").at(-1)?.split(".") ?? [];
  const name = base.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=[^A-Za-z])/, "file_");
  return name.toLowerCase() || "file";
}
