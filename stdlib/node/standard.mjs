/** Standard calls: `metric accuracy = accuracy(truth, guess)` computed from the code's variables. */
import * as metrics from "./metrics.mjs";
import { Problem } from "./problem.mjs";

const parameters = ["truth", "guess"];

/**
 * @param {import("../../src/check/program.ts").StdCall} call
 * @param {(name: string) => unknown} read value of a variable; undefined when there is none @returns {number}
 */
export function callStandard(call, read) {
  const metric = /** @type {Record<string, (...given: any[]) => number>} */ (metrics)[
    call.function
  ];
  if (!metric)
    throw new Problem(
      "R0802",
      `there is no standard metric \`${call.function}\` in Node`,
      `known here: ${Object.keys(metrics).join(", ")}`,
    );
  const given = new Map();
  const free = parameters.filter((name) => !call.arguments.some((it) => it.name === name));
  for (const argument of call.arguments)
    given.set(
      argument.name ?? free.shift(),
      "variable" in argument ? variable(argument.variable, call, read) : argument.value,
    );
  return metric(...parameters.map((name) => given.get(name)));
}

/** @param {string} name @param {import("../../src/check/program.ts").StdCall} call @param {(name: string) => unknown} read */
function variable(name, call, read) {
  const value = read(name);
  if (value !== undefined) return value;
  throw new Problem(
    "R0801",
    `${call.function}(…) needs the variable \`${name}\`, but the code did not produce it`,
    `assign \`${name}\` before the code ends`,
  );
}
