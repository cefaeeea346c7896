/** Executes a script of the project as `node script.js --cp 0.05` would, with the step's variables as globals. */
import { realpathSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { process } = globalThis;

/**
 * Starts the script; its asynchronous work goes on after the call. Globals that Node itself has are not replaced: such a
 * param is found in `params` only.
 * @param {import("../../src/run/protocol.ts").StepFile} step @param {Record<string, unknown>} bindings
 */
export function startScript(step, bindings) {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(bindings)))
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, property);
  process.argv = [process.execPath, step.code.path, ...step.args];
  /** @type {{ runMain: () => void }} */ (/** @type {unknown} */ (Module)).runMain();
}

/**
 * What the script exports once it has ended. Node may have tried a module as CommonJS first; its exports are then empty.
 * @param {string} path @returns {Promise<Record<string, unknown>>}
 */
export async function exportsOf(path) {
  const real = realpathSync(path);
  const required = createRequire(real).cache[real]?.exports;
  const isObject =
    (typeof required === "object" && required !== null) || typeof required === "function";
  if (isObject && Reflect.ownKeys(required).length > 0) return required;
  return import(pathToFileURL(real).href);
}
