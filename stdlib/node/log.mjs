/** The `log` object of the code: metrics, tags and artifacts given by call, during long work. */
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { copy, placeBelow } from "./artifacts.mjs";
import { printHexFloat } from "./hex-float.mjs";
import { describe } from "./json.mjs";
import { Problem } from "./problem.mjs";

/** @typedef {{ readonly metrics: Set<string>, readonly paths: Set<string> }} Given what calls have logged so far */

/**
 * @param {import("../../src/run/protocol.ts").StepFile} step
 * @param {import("./events.mjs").Emit} emit @param {Given} given
 */
export function makeLog(step, emit, given) {
  return Object.freeze({
    /** NaN and the infinities are logged as they are. @param {string} key @param {unknown} value @param {number} [at] the step, a whole number */
    metric(key, value, at = 0) {
      emit("metric", {
        key: textOf(key, "key"),
        value: printHexFloat(numberOf(key, value)),
        step: wholeOf(at),
      });
      given.metrics.add(key);
    },
    /** @param {string} key @param {unknown} value */
    tag(key, value) {
      if (!["string", "number", "boolean", "bigint"].includes(typeof value))
        throw new Problem(
          "R0802",
          `log.tag: the value of \`${key}\` is ${describe(value)}`,
          "give a text",
        );
      emit("tag", { key: textOf(key, "key"), value: String(value) });
    },
    /** Copies the file or folder as it is now. @param {string} path @param {string} [as] its path among the artifacts */
    artifact(path, as = basename(textOf(path, "path"))) {
      const from = resolve(step.folder, path);
      if (!existsSync(from))
        throw new Problem(
          "R0809",
          `log.artifact: there is nothing at \`${path}\``,
          "write the file first",
        );
      const folder = copy(from, placeBelow(step.outputs, as));
      const declared = step.artifacts.find((artifact) => artifact.path === as);
      emit("artifact", { key: declared?.key ?? as, path: as, folder });
      given.paths.add(as);
    },
  });
}

/** @param {unknown} it @param {string} what */
function textOf(it, what) {
  if (typeof it === "string" && it !== "") return it;
  throw new Problem("R0802", `log: the ${what} is ${describe(it)}`, "give a text");
}

/** @param {string} key @param {unknown} value @returns {number} */
function numberOf(key, value) {
  if (typeof value === "number") return value;
  if (typeof value === "boolean" || typeof value === "bigint") return Number(value);
  throw new Problem(
    "R0802",
    `log.metric: the metric \`${key}\` is ${describe(value)}, not a number`,
    "give a number",
  );
}

/** @param {unknown} at @returns {number} */
function wholeOf(at) {
  if (Number.isSafeInteger(at)) return /** @type {number} */ (at);
  throw new Problem(
    "R0802",
    "log.metric: the step is not a whole number",
    "count the steps 1, 2, 3, …",
  );
}
