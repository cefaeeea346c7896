/** Which entry of a program a command means, and the values of its params. */
import type { Launch, Param, Program, Requirement, Run, Value } from "../check/program.ts";
import { chooseParams, freeParams } from "../plan/params.ts";
import { suggest } from "../source/suggest.ts";
import { CommandFailed } from "./exit.ts";

/** The entry called `name`, or the main one. */
export function chooseEntry(program: Program, name: string | undefined): string {
  const known = [...program.runs, ...program.sweeps, ...program.compares, ...program.launches].map(
    ([key]) => key,
  );
  const chosen = name ?? program.project.main;
  if (chosen === undefined)
    throw new CommandFailed(`${program.file} declares no run`, "add one: run hello { … }");
  if (known.includes(chosen)) return chosen;
  const near = suggest(chosen, known);
  throw new CommandFailed(
    `${program.file} has no \`${chosen}\`${near ? `; did you mean \`${near}\`?` : ""}`,
    `it has ${known.join(", ")}`,
  );
}

/** A run, or the one that a sweep repeats. `done`: what is done to runs only, such as `verified`. */
export function chooseRun(program: Program, name: string | undefined, done: string): Run {
  const entry = chooseEntry(program, name);
  const run = program.runs.get(program.sweeps.get(entry)?.of ?? entry);
  if (run) return run;
  throw new CommandFailed(
    `\`${entry}\` is no run, and only runs are ${done}`,
    `name one: ${[...program.runs.keys()].join(", ")}`,
  );
}

/** Which run was taken, as a line, where the file has several and none was named; else empty. */
export function describeChoice(program: Program, name: string | undefined, run: Run): string {
  const others = [...program.runs.keys()].filter((key) => key !== run.name);
  if (name !== undefined || others.length === 0) return "";
  return `run ${run.name} of ${program.file}, which also has ${others.join(", ")}\n\n`;
}

interface EntryParams {
  readonly params: readonly Param[];
  readonly requires: readonly Requirement[];
}

/** The params that an entry takes from outside, and what they must keep. */
export function entryParams(program: Program, name: string): EntryParams {
  const launch = program.launches.get(name);
  if (launch) return withValues(entryParams(program, launch.entry), launch.set);
  const run = program.runs.get(name);
  if (run) return run;
  const sweep = program.sweeps.get(name);
  return { params: sweep ? freeParams(sweep) : [], requires: [] };
}

/** What a launch sets stands in place of the defaults. */
function withValues({ params, requires }: EntryParams, set: Launch["set"]): EntryParams {
  const filled = params.map((param) =>
    Object.hasOwn(set, param.name) ? { ...param, default: set[param.name] } : param,
  );
  return { params: filled, requires };
}

/** Texts of `-P name=value`, typed and checked against what the entry declares; as they are where that lies in another project. */
export function readParams(
  program: Program,
  name: string,
  texts: readonly string[] = [],
): Readonly<Record<string, Value>> {
  const given = Object.fromEntries(splitPairs(texts));
  const launch = program.launches.get(name);
  if (launch?.git !== undefined) return given;
  const { params, requires } = entryParams(program, name);
  refuseVaried(program, launch?.entry ?? name, given);
  const { values, problems } = chooseParams(params, requires, given);
  if (problems.length > 0)
    throw new CommandFailed(problems.map(({ message }) => message).join("\n  "));
  return values;
}

function refuseVaried(
  program: Program,
  name: string,
  given: Readonly<Record<string, string>>,
): void {
  const sweep = program.sweeps.get(name);
  if (!sweep) return;
  const params = sweep.params.map((param) => param.name);
  for (const word of Object.keys(given)) {
    const meant = params.includes(word) ? word : suggest(word, params);
    if (sweep.vary.every(({ param }) => param !== meant)) continue;
    const hint = meant === word ? "" : `there is no param \`${word}\`; if you mean \`${meant}\`: `;
    throw new CommandFailed(
      `-P ${word}: ${hint}the sweep \`${name}\` varies \`${meant}\` itself`,
      `change its line \`vary ${meant} in …\``,
    );
  }
}

/** Texts of `-P name=value`, by name. */
export function splitPairs(texts: readonly string[]): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1)
      throw new CommandFailed(`-P ${text}: expected name=value`, "for example: -P cp=0.05");
    const name = text.slice(0, at);
    if (given.has(name)) throw new CommandFailed(`-P ${name} is given twice`, "give it once");
    given.set(name, text.slice(at + 1));
  }
  return given;
}

/** The run of this file that performing `entry` performs, once or in every trial; undefined where it performs none. */
export function performedRun(program: Program, entry: string): Run | undefined {
  const launch = program.launches.get(entry);
  if (launch?.git !== undefined) return undefined;
  const name = launch?.entry ?? entry;
  return program.runs.get(program.sweeps.get(name)?.of ?? name);
}

/** Throws for a launch that goes elsewhere than this machine, or has nothing to start. */
export function refuseLaunch(program: Program, launched: string): void {
  const launch = program.launches.get(launched);
  if (!launch) return;
  const { name, git, entry, backend } = launch;
  if (backend.name !== "local")
    throw new CommandFailed(
      `the launch \`${name}\` goes to \`${backend.name}\`, and this version launches on this machine only; nothing was started`,
      "write `backend local`; what it logs goes wherever --tracking-uri says, also to Databricks",
    );
  if (git === undefined && !program.runs.has(entry) && !program.sweeps.has(entry))
    throw new CommandFailed(
      `the launch \`${name}\` names no entry, and ${program.file} has no run`,
      'name the project that it starts, git "…", or a run: entry …',
    );
}

/** The run that `mlflow run` has made for this process to use; undefined: mlpipe makes its own, as inside a step of another run. */
export function adoptedRun(env: NodeJS.ProcessEnv): string | undefined {
  const id = env.MLFLOW_RUN_ID || undefined;
  return id === env.MLPIPE_STEP_RUN ? undefined : id;
}
