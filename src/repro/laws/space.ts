/** The values that a run of a program is tried with. */
import type { Program, Run } from "../../check/program.ts";
import type { ParamSpace, ParamsRecord } from "./params-arbitrary.ts";

/** `usual`: a value for each param; `fixed`: names of those that keep theirs. Sweeps tell which are varied in powers. */
export function spaceOf(
  program: Program,
  { name, params, requires }: Run,
  usual: ParamsRecord,
  fixed: readonly string[],
): ParamSpace {
  const sweeps = [...program.sweeps.values()].filter(({ of }) => of === name);
  const logarithmic = sweeps.flatMap(({ vary }) =>
    vary.filter(({ log }) => log).map(({ param }) => param),
  );
  return { params, requires, usual, fixed, logarithmic };
}
