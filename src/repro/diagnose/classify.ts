/** From what changes an output, and what the code calls where the difference begins, to the class of the cause and its place. */
import path from "node:path";
import type { Cause } from "../cause.ts";
import type { Call, Expression } from "../trace/trace-line.ts";
import type { StepTrace } from "../trace/read-trace.ts";
import type { Factor, FactorName } from "./factors.ts";
import type { Place } from "./diagnosis.ts";
import { changingLine, quoteForPattern } from "./changing-line.ts";
import { hintedPlace, startsOther } from "./hints.ts";
import { type Pair, type Root, callsIn, generator } from "./roots.ts";

export interface Classified {
  readonly cause: Cause;
  readonly place: Place | undefined;
  readonly what: string | undefined;
  /** True: a call that is known to depend on it stands at the place. */
  readonly isSure: boolean;
}

export interface Question {
  readonly factor: Factor;
  /** Undefined: the traces hold the same. */
  readonly root: Root | undefined;
  readonly pair: Pair;
  /** Where the traced executions were: their home folder, and their copy of the project. */
  readonly home: string;
  readonly copy: string;
}

const plain: Readonly<Record<FactorName, Cause>> = {
  clock: "clock",
  process: "host",
  generator: "unseeded-rng",
  chance: "unseeded-rng",
  names: "host",
  memory: "memory-order",
  haste: "scheduling",
  order: "order",
  timezone: "timezone",
  locale: "locale",
  home: "environment",
  "home-path": "host",
  temporary: "host",
  folder: "host",
  "host-name": "host",
  user: "host",
  umask: "host",
  processors: "cpu-count",
  threads: "cpu-count",
  variables: "environment",
  file: "undeclared-file",
  blas: "blas",
  "left-behind": "undeclared-file",
};

export function classify(question: Question): Classified {
  const { factor, root, pair } = question;
  const told = callAt(question);
  const cause = causeOf(question, told?.call);
  const seeding = cause === "overridden-seed" ? seedingIn(root, pair) : undefined;
  const at = cause === "scheduling" && root ? undefined : (seeding ?? told?.call);
  const place = at ? placeOfCall(at, pair) : placeOf(question, cause);
  const isSure = seeding !== undefined || (told?.isAtRoot ?? false);
  return { cause, place, what: factor.only ?? whatOf(at, cause, question), isSure };
}

interface Told {
  readonly call: Call;
  /** False: it stands on the way of the difference, and not where that begins. */
  readonly isAtRoot: boolean;
}

/** The call that tells most of those where the difference begins; else the only one of its kind on its way. */
function callAt({ factor, root, pair, home }: Question): Told | undefined {
  const isMeant = (call: Call): boolean => call.line !== null && fits(call, factor, home);
  const here = (root?.calls ?? []).filter(isMeant);
  const isAtRoot = here.length > 0 || root === undefined;
  const some = here.length > 0 ? here : onlyPlace(onTheWay(root, pair).filter(isMeant));
  for (const matter of factor.matters) {
    const call = some.find(({ about }) => about === matter);
    if (call) return { call, isAtRoot };
  }
  return undefined;
}

function onTheWay(root: Root | undefined, { one, other }: Pair): readonly Call[] {
  return root ? callsIn(root.path, one, other) : [...one.calls, ...other.calls];
}

function onlyPlace(calls: readonly Call[]): readonly Call[] {
  const places = new Set(calls.map(({ file, line }) => `${file}:${line}`));
  return places.size === 1 ? calls : [];
}

const hosts: Partial<Record<FactorName, RegExp>> = {
  process: /pid|tempfile|tempdir|freemem|loadavg|uptime|memoryUsage/iu,
  generator: /tempfile|tempdir/iu,
  chance: /temp/iu,
  names: /temp/iu,
  temporary: /temp|tmp/iu,
  folder: /getwd|cwd|normalizePath|path|dirname|filename|realpath/iu,
  "host-name": /Sys\.info|hostname|uname|nsl/iu,
  user: /Sys\.info|userInfo|user|whoami|getuid/iu,
  umask: /umask/iu,
  "home-path": /path\.expand|homedir|normalizePath|userInfo/iu,
};

const variables: Partial<Record<FactorName, RegExp>> = {
  "home-path": /^(?:HOME|R_USER)$/u,
  temporary: /^(?:TMPDIR|TMP|TEMP)$/u,
  folder: /^PWD$/u,
  user: /^(?:USER|LOGNAME|USERNAME)$/u,
  threads: /THREAD/u,
};

/** Whether the call can be touched by the factor at all. */
function fits({ about, name, detail }: Call, factor: Factor, home: string): boolean {
  if (!factor.matters.includes(about)) return false;
  if (factor.only !== undefined) return detail?.endsWith(factor.only) ?? false;
  if (about === "host") return hosts[factor.name]?.test(name) ?? false;
  if (about === "environment") return variables[factor.name]?.test(detail ?? "") ?? true;
  if (factor.name === "home" && (about === "read" || about === "look"))
    return detail !== null && isBelow(detail, home);
  if (about === "look") return factor.name !== "clock" || /info|mtime|stat/iu.test(name);
  return true;
}

function isBelow(file: string, folder: string): boolean {
  return !path.relative(folder, file).startsWith("..");
}

function causeOf(question: Question, call: Call | undefined): Cause {
  const { factor, root, pair } = question;
  switch (factor.name) {
    case "clock":
    case "process":
      return isSeeding(root, pair, call) ? "overridden-seed" : plain[factor.name];
    case "generator":
    case "chance":
      return causeOfChance(question, call);
    case "home":
      return causeOfHome(question, call);
    case "processors":
      return call?.about === "rng-kind" ? "rng-kind" : "cpu-count";
    default:
      return plain[factor.name];
  }
}

function causeOfChance({ root, pair }: Question, call: Call | undefined): Cause {
  if (call?.about === "host") return "host";
  const calls = root?.calls ?? [];
  const isElsewhere = (one: Call): boolean =>
    one.forked || one.about === "parallel" || startsLanguage(one) || /Worker/u.test(one.name);
  const draws = calls.filter(({ about }) => about === "random");
  const isParallel =
    draws.length > 0
      ? draws.every(isElsewhere)
      : calls.some(isElsewhere) || (calls.length === 0 && startsOther(root, pair));
  if (isParallel) return "parallel-rng";
  return isSeeded(pair, root) ? "overridden-seed" : "unseeded-rng";
}

/** Another process of R or Node, whose generator is its own. */
function startsLanguage({ about, name, detail }: Call): boolean {
  return about === "process" && /Rscript|\bR\b|node|fork/u.test(`${name} ${detail ?? ""}`);
}

/** By the run, or by the code before the difference begins. */
function isSeeded({ step, one }: Pair, root: Root | undefined): boolean {
  const end = root?.expression.index ?? Infinity;
  const isSeed = ({ about, detail, expression }: Call): boolean =>
    about === "seed" && detail !== "NULL" && expression < end;
  return step.seed !== undefined || one.calls.some(isSeed);
}

/** R's generator is seeded on the way, or the code itself calls what it makes a seed. */
function isSeeding(root: Root | undefined, pair: Pair, call: Call | undefined): boolean {
  if (seedingIn(root, pair)) return true;
  if (!root || pair.step.language === "r") return false;
  const line = call?.line == null ? "" : (pair.linesOf(call.file)[call.line - 1] ?? "");
  return [line, ...root.variables].some((text) => /seed|rng|mulberry|xorshift/iu.test(text));
}

function seedingIn(root: Root | undefined, { one, other }: Pair): Call | undefined {
  const changes = (root?.path ?? []).filter(
    ({ index, random }) => random.includes("seeded") && differs(index, one, other),
  );
  return callsIn(changes, one, other).find(({ about, line }) => about === "seed" && line !== null);
}

function differs(index: number, one: StepTrace, other: StepTrace): boolean {
  const find = ({ expressions }: StepTrace): Expression | undefined =>
    expressions.find((expression) => expression.index === index);
  return find(one)?.state !== find(other)?.state;
}

/** A file of the user's that the code reads by itself, else what R reads before the code: its options, or the kind of its generator. */
function causeOfHome({ root }: Question, call: Call | undefined): Cause {
  if (call && (call.about === "read" || call.about === "look")) return "undeclared-file";
  return root?.variables.includes(generator) ? "rng-kind" : "environment";
}

/** R knows the line of an expression; the call may stand in one of its further lines. */
function placeOfCall({ file, line, name, via, expression }: Call, pair: Pair): Place {
  const from = line ?? 1;
  const { end = from } = pair.one.expressions.find(({ index }) => index === expression) ?? {};
  const lines = pair.linesOf(file).slice(from - 1, Math.max(from, end));
  for (const called of namesOfMethod(via ?? name)) {
    const word = new RegExp(String.raw`(?<![\w.])${quoteForPattern(called)}\s*\(`, "u");
    const at = lines.findIndex((text) => word.test(text));
    if (at >= 0) return { file, line: from + at };
  }
  return { file, line: from };
}

/** As the code may have it: `as.Date` is what calls `as.Date.POSIXct`. */
function namesOfMethod(name: string): readonly string[] {
  const parts = name.split(".");
  return parts.map((_, at) => parts.slice(0, parts.length - at).join("."));
}

/** Where no call tells it: for what runs side by side, the line that changes the variable. */
function placeOf({ factor, root, pair }: Question, cause: Cause): Place | undefined {
  if (!root) return undefined;
  const { file, line, end } = root.expression;
  if (cause !== "scheduling") return hintedPlace(factor.name, root, pair) ?? { file, line };
  const starting = startOfWhatIsRead(root, pair);
  if (starting) return starting;
  return { file, line: changingLine(pair.linesOf(file), root.variables, [line, end]) ?? line };
}

/** What starts nothing by itself and reads a file, reads what those have written that were started before it. */
function startOfWhatIsRead({ expression, calls, uses }: Root, pair: Pair): Place | undefined {
  const isStart = ({ about }: Call): boolean => about === "parallel" || about === "process";
  const own = callsIn([expression, ...uses], pair.one, pair.other);
  if (pair.step.language !== "r" || own.some(isStart)) return undefined;
  if (!calls.some(({ about }) => about === "read")) return undefined;
  const before = pair.one.calls.filter(
    (call) => isStart(call) && !call.forked && call.expression < expression.index,
  );
  const last = before.findLast(({ line }) => line !== null);
  return last && placeOfCall(last, pair);
}

type Places = Pick<Question, "home" | "copy">;

function whatOf(call: Call | undefined, cause: Cause, places: Places): string | undefined {
  if (!call) return undefined;
  if (call.about === "environment") return call.detail ?? undefined;
  if (cause !== "undeclared-file") return `${call.via ?? call.name}()`;
  return call.detail === null ? undefined : shownFile(call.detail, places);
}

/** As the user has it: what was made for the executions is gone when it is read. */
function shownFile(file: string, { home, copy }: Places): string {
  if (isBelow(file, copy)) return path.relative(copy, file) || ".";
  return isBelow(file, home) ? path.join("~", path.relative(home, file)) : file;
}
