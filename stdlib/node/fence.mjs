/**
 * Makes a module of a fence: the `.mlpipe` file itself is imported, and a hook answers with the fence's code.
 *
 * So relative imports and packages resolve as from the project's folder, and every stack names the `.mlpipe` file. Line
 * breaks before the code keep its line numbers. On line 1, above every fence, the variables are imported from a module that
 * exists only here; no value is pasted into text. After the code, getters hand out the variables it has at its end.
 */
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Problem } from "./problem.mjs";

/** @typedef {Record<string, () => unknown>} Getters */

const valuesModule = "mlpipe:values";
const getters = "mlpipe$outputs";
const values = Symbol.for("mlpipe.values");

/** @param {import("../../src/run/protocol.ts").StepFile} step @returns {string} the path under which the fence is a module */
export function fencePath(step) {
  return join(step.folder, basename(step.code.shownAs));
}

/**
 * Lets the fence be imported from the address that is returned.
 * @param {import("../../src/run/protocol.ts").StepFile} step
 * @param {Record<string, unknown>} bindings constants of the code @param {readonly string[]} wanted variables to hand out
 */
export function installFence(step, bindings, wanted) {
  const url = pathToFileURL(fencePath(step)).href;
  const source = fenceSource(step, Object.keys(bindings), wanted);
  Reflect.set(globalThis, values, bindings);
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === valuesModule || specifier === url
        ? { url: specifier, format: "module", shortCircuit: true }
        : next(specifier, context),
    load(at, context, next) {
      if (at === url) return { format: "module", source, shortCircuit: true };
      if (at !== valuesModule) return next(at, context);
      return { format: "module", source: valuesSource(Object.keys(bindings)), shortCircuit: true };
    },
  });
  return url;
}

/** Executes the fence; resolves when its last line is done. @param {string} url @returns {Promise<Getters>} */
export async function runFence(url) {
  return (await import(url))[getters];
}

/** @param {readonly string[]} names */
function valuesSource(names) {
  const key = `Symbol.for(${JSON.stringify(Symbol.keyFor(values))})`;
  return `export const { ${names.join(", ")} } = globalThis[${key}]; delete globalThis[${key}];`;
}

/** @param {import("../../src/run/protocol.ts").StepFile} step @param {readonly string[]} names @param {readonly string[]} wanted */
function fenceSource(step, names, wanted) {
  const entries = wanted.map(
    (name) => `${name}: () => (typeof ${name} === "undefined" ? undefined : ${name})`,
  );
  // `export` cannot continue an unfinished statement of the code, so it never mends what is broken.
  return `${paddedCode(step, names)}\nexport const ${getters} = { ${entries.join(", ")} };\n`;
}

/** The imports on line 1, then the code on its own lines. @param {import("../../src/run/protocol.ts").StepFile} step @param {readonly string[]} names */
export function paddedCode(step, names) {
  const padding = "\n".repeat(Math.max(0, step.code.line - 1));
  const text = padding + readFileSync(step.code.path, "utf8");
  const code = step.language === "ts" ? strip(text) : text;
  return `import { ${names.join(", ")} } from "${valuesModule}";${code}`;
}

/** @param {string} text TypeScript @returns {string} JavaScript of the same lines and columns */
function strip(text) {
  try {
    return stripTypeScriptTypes(text, { mode: "strip" });
  } catch (error) {
    const { stack = "", message } = /** @type {Error} */ (error);
    const fix = /not supported in strip-only mode/.test(message)
      ? "Node only removes types; write this construct in plain JavaScript"
      : "";
    throw Object.assign(new Problem("R0811", message, fix), { stack });
  }
}
