/** What of the surroundings of two runs of the same plan is not the same, and the class of causes that each belongs to. */
import type { Cause } from "../cause.ts";
import type {
  Manifest,
  RecordedFile,
  RecordedMachine,
  RecordedProcess,
  RecordedStep,
} from "../../run/manifest/manifest.ts";
import type { Change } from "./replay.ts";

type Fact = readonly [cause: Cause, name: string, before: string, after: string];

/** Those of the machine first, then step by step. */
export function changesBetween(before: Manifest, after: Manifest): readonly Change[] {
  const machine = machineFacts(before.machine, after.machine).flatMap((fact) =>
    changeOf(fact, undefined),
  );
  const steps = before.steps.flatMap((step) => {
    const other = after.steps.find(({ name }) => name === step.name);
    return other ? stepFacts(step, other).flatMap((fact) => changeOf(fact, step.name)) : [];
  });
  return [...machine, ...steps];
}

function changeOf([cause, name, before, after]: Fact, step: string | undefined): readonly Change[] {
  return before === after ? [] : [{ cause, name, step, before, after }];
}

function machineFacts(before: RecordedMachine, after: RecordedMachine): readonly Fact[] {
  return [
    ["host", "operating system", before.system, after.system],
    ["host", "kernel", before.kernel, after.kernel],
    ["host", "architecture", before.architecture, after.architecture],
    ["host", "C library", before.libc, after.libc],
    ["host", "umask", before.umask, after.umask],
    ["blas", "CPU", before.cpu, after.cpu],
    ["cpu-count", "CPUs", String(before.cores), String(after.cores)],
    ["cpu-count", "usable CPUs", String(before.usableCores), String(after.usableCores)],
    ["package", "Node", before.node, after.node],
    ["locale", "ICU", before.icu, after.icu],
    ["timezone", "time zone", before.timeZone, after.timeZone],
    ...variableFacts(before.variables, after.variables),
  ];
}

function variableFacts(
  before: Readonly<Record<string, string | null>>,
  after: Readonly<Record<string, string | null>>,
): readonly Fact[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  // The zone has a row of its own, from whichever place it comes.
  names.delete("TZ");
  return [...names].map((name) => [
    causeOfVariable(name),
    name,
    before[name] ?? "",
    after[name] ?? "",
  ]);
}

function causeOfVariable(name: string): Cause {
  if (/^(?:LANG|LC_)|ICU/.test(name)) return "locale";
  if (/THREADS|MC_CORES|THREADPOOL/.test(name)) return "cpu-count";
  if (/CORETYPE|LD_PRELOAD/.test(name)) return "blas";
  return /^R_LIBS|NODE_PATH/.test(name) ? "package" : "environment";
}

function stepFacts(before: RecordedStep, after: RecordedStep): readonly Fact[] {
  return [
    ["code", "code", before.code ?? "", after.code ?? ""],
    ...namedFacts(before, after),
    ...fileFacts("environment", before.startFiles, after.startFiles),
    ...(before.process && after.process ? processFacts(before.process, after.process) : []),
  ];
}

/** Of a variable that may hold anything little is recorded; that it has changed is seen all the same. */
function namedFacts(before: RecordedStep, after: RecordedStep): readonly Fact[] {
  const names = new Set([...Object.keys(before.named), ...Object.keys(after.named)]);
  const told = (step: RecordedStep, name: string): string =>
    Object.hasOwn(step.named, name) ? `set (${step.named[name] ?? "not recorded"})` : "";
  return [...names].map((name) => ["environment", name, told(before, name), told(after, name)]);
}

function processFacts(before: RecordedProcess, after: RecordedProcess): readonly Fact[] {
  const kinds = (process: RecordedProcess): string => process.generator?.atStart.join(", ") ?? "";
  return [
    ["package", "runtime", before.runtime, after.runtime],
    ...packageFacts(before, after),
    ...fileFacts("blas", before.libraries, after.libraries),
    ["locale", "locale of R", before.locale, after.locale],
    ["locale", "collation of R", before.collator, after.collator],
    ["rng-kind", "random generators of R", kinds(before), kinds(after)],
  ];
}

function packageFacts(before: RecordedProcess, after: RecordedProcess): readonly Fact[] {
  const versions = ({ packages }: RecordedProcess): ReadonlyMap<string, string> =>
    new Map(packages.map(({ name, version }) => [name, version]));
  const [then, now] = [versions(before), versions(after)];
  return [...new Set([...then.keys(), ...now.keys()])].map((name) => [
    "package",
    `package ${name}`,
    then.get(name) ?? "",
    now.get(name) ?? "",
  ]);
}

/** By the paths, which tell versions too. */
function fileFacts(
  cause: Cause,
  before: readonly RecordedFile[],
  after: readonly RecordedFile[],
): readonly Fact[] {
  const paths = new Set([...before, ...after].map(({ path }) => path));
  const told = (files: readonly RecordedFile[], path: string): string => {
    const found = files.find((file) => file.path === path);
    return found ? `sha256 ${found.sha256.slice(0, 12)}` : "";
  };
  return [...paths].map((path) => [cause, path, told(before, path), told(after, path)]);
}
