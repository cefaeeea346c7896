/** Which entry of a program a command means, and the values of its params. */
import type { Param, Program, Requirement, Value } from "../check/program.ts";
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

/** The params that an entry takes from outside, and what they must keep; those of a launch are its entry's. */
function entryParams(
  program: Program,
  name: string,
): { readonly params: readonly Param[]; readonly requires: readonly Requirement[] } {
  const of = program.launches.get(name)?.entry ?? name;
  const run = program.runs.get(of);
  if (run) return run;
  const sweep = program.sweeps.get(of);
  return { params: sweep ? freeParams(sweep) : [], requires: [] };
}

/** Texts of `-P name=value`, typed and checked against what the entry declares. */
export function readParams(
  program: Program,
  name: string,
  texts: readonly string[] = [],
): Readonly<Record<string, Value>> {
  const { params, requires } = entryParams(program, name);
  const given = Object.fromEntries(splitPairs(texts));
  refuseVaried(program, name, given);
  // A launch sets what it names; the entry's defaults are chosen where it starts.
  const isLaunch = program.launches.has(name);
  const open = isLaunch ? params.filter((param) => Object.hasOwn(given, param.name)) : params;
  const { values, problems } = chooseParams(open, isLaunch ? [] : requires, given);
  if (problems.length > 0)
    throw new CommandFailed(problems.map(({ message }) => message).join("\n  "));
  return values;
}

function refuseVaried(
  program: Program,
  name: string,
  given: Readonly<Record<string, string>>,
): void {
  const varied = program.sweeps.get(name)?.vary.find(({ param }) => Object.hasOwn(given, param));
  if (varied)
    throw new CommandFailed(
      `-P ${varied.param}: the sweep \`${name}\` varies \`${varied.param}\` itself`,
      `change its line \`vary ${varied.param} in …\``,
    );
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

/** Sweeps, comparisons and launches are planned and compiled, but this version performs runs only. `file` as it was typed. */
export function refuseUnperformed(program: Program, entry: string, file: string): void {
  if (program.runs.has(entry)) return;
  const kind = program.sweeps.has(entry)
    ? "sweep"
    : program.compares.has(entry)
      ? "compare"
      : "launch";
  throw new CommandFailed(
    `\`${entry}\` is a ${kind}, which this version checks, plans and compiles but cannot perform yet`,
    `see what it would do: mlpipe plan ${file} ${entry}`,
  );
}

/** The run that `mlflow run` has made for this process to use; undefined: mlpipe makes its own, as inside a step of another run. */
export function adoptedRun(env: NodeJS.ProcessEnv): string | undefined {
  const id = env.MLFLOW_RUN_ID || undefined;
  return id === env.MLPIPE_STEP_RUN ? undefined : id;
}
