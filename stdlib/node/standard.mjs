/** Standard calls: `metric accuracy = accuracy(truth, guess)` computed from the code's variables. */
import * as metrics from "./metrics.mjs";
import { Problem } from "./problem.mjs";

/** @typedef {import("../../src/check/program.ts").StdCall} StdCall */

/**
 * A problem names the variable that it is about.
 * @param {StdCall} call its variables first, in the function's own order, then its options
 * @param {(name: string) => unknown} read value of a variable; undefined when there is none @returns {number}
 */
export function callStandard(call, read) {
  const metric = /** @type {Record<string, (...given: any[]) => number>} */ (metrics)[
    call.function
  ];
  const values = call.arguments.flatMap((it) =>
    "variable" in it ? [variable(it.variable, call, read)] : [],
  );
  const options = call.arguments.flatMap((it) => ("value" in it ? [[it.name, it.value]] : []));
  try {
    return metric(...values, Object.fromEntries(options));
  } catch (error) {
    throw error instanceof Problem ? about(error, call) : error;
  }
}

/** @param {Problem & { argument?: string }} problem @param {StdCall} call */
function about(problem, call) {
  const argument = call.arguments.find(({ name }) => name === problem.argument);
  const named = new Problem(problem.code, `${call.function}: ${problem.message}`, problem.fix);
  return Object.assign(named, {
    variable: argument && "variable" in argument ? argument.variable : undefined,
  });
}

/** @param {string} name @param {StdCall} call @param {(name: string) => unknown} read */
function variable(name, call, read) {
  const value = read(name);
  if (value !== undefined) return value;
  throw new Problem(
    "R0801",
    `${call.function}(…) needs the variable \`${name}\`, but the code did not produce it`,
    `assign \`${name}\` before the code ends`,
  );
}
