/** L1: a run agrees with itself. */
import type { Law } from "./law.ts";

export const repeat: Law = {
  id: "L1",
  title: "repeat",
  counted: "case",
  executions: "shared",
  statement: "two executions agree, at least a second apart and under clocks that are years apart",
  explanation: `The run is executed twice with the same values, in two folders, the second time with everything changed around it that L2, L6 and L13 name, the clock among them. Where the two agree, as the run's contract asks for, the law holds for these values; they are drawn from the declared domains, the usual ones and both ends first.

Where they do not, the plain execution is repeated in the same folder. If that differs too, the result depends on chance: random numbers without a seed, the time, what ends first. If it does not and the clock is to blame, the law is broken all the same. Two executions that agree prove little where chance is rare: to find what happens once in ten times takes 29 cases.

What to do: write \`seed 1\` in the run, make times params, put the results of parallel work in the order of their tasks.`,
  check: ({ agreement }) => agreement.outcomeOf("L1"),
};
