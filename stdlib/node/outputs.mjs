/** After the code has ended: each declared output is looked up by its name, written, and told as an event. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { copy, placeBelow, writeArtifact } from "./artifacts.mjs";
import { modelFile, printModel, version } from "./crate.mjs";
import { printHexFloat } from "./hex-float.mjs";
import { describe, printJson } from "./json.mjs";
import { versionsOf } from "./packages.mjs";
import { Problem } from "./problem.mjs";
import { callStandard } from "./standard.mjs";
import { toNumber, toPoints } from "./vectors.mjs";

/** @typedef {import("../../src/run/protocol.ts").StepMetric} StepMetric */
/** @typedef {import("../../src/run/protocol.ts").StepArtifact} StepArtifact */
/** @typedef {import("../../src/run/protocol.ts").StepModel} StepModel */
/**
 * @typedef {object} Collecting
 * @property {import("../../src/run/protocol.ts").StepFile} step
 * @property {import("./events.mjs").Emit} emit
 * @property {import("./log.mjs").Given} given what calls have logged
 * @property {(name: string) => unknown} read value of a variable of the code; undefined when there is none
 * @property {(kind: string, name: string) => Problem} missing words R0801
 * @property {(level: "warning" | "error", problem: unknown, variable: string | null) => void} report
 */

/** Resolves to whether every required output is there. @param {Collecting} collecting @returns {Promise<boolean>} */
export async function collectOutputs(collecting) {
  const { metrics, artifacts, models } = collecting.step;
  const outcomes = [
    ...metrics.map((metric) =>
      attempt(collecting, metric.variable, () => collectMetric(collecting, metric)),
    ),
    ...artifacts.map((artifact) =>
      attempt(collecting, artifact.variable, () => collectArtifact(collecting, artifact)),
    ),
  ];
  for (const model of models)
    outcomes.push(attempt(collecting, model.variable, () => collectModel(collecting, model)));
  return (await Promise.all(outcomes)).every(Boolean);
}

/** @param {Collecting} collecting @param {string | null} variable @param {() => unknown} collect */
async function attempt({ report }, variable, collect) {
  try {
    await collect();
    return true;
  } catch (error) {
    const { variable: about } = /** @type {{ variable?: string }} */ (error);
    report("error", error, about ?? variable);
    return false;
  }
}

/** @param {Collecting} collecting @param {StepMetric} metric */
function collectMetric({ emit, given, read, missing, report }, metric) {
  const { key, variable, over, call, required } = metric;
  // What was logged by call stands: the variable of that name is then the loop's.
  if (!call && given.metrics.has(key)) return;
  const value = call ? callStandard(call, read) : variable === null ? undefined : read(variable);
  if (value === undefined) {
    if (required) throw missing("metric", key);
    return;
  }
  if (typeof value === "boolean")
    report(
      "warning",
      new Problem(
        "R0807",
        `the metric \`${key}\` is ${value}, and is logged as ${Number(value)}`,
        "assign 1 or 0 if that is what you mean",
      ),
      variable,
    );
  if (!over) return emit("metric", { key, value: printHexFloat(toNumber(key, value)), step: 0 });
  const { values, steps } = toPoints(key, value);
  emit("metrics", { key, values: values.map(printHexFloat), steps });
}

/** @param {Collecting} collecting @param {StepArtifact} artifact */
function collectArtifact({ step, emit, given, read, missing }, artifact) {
  const { key, variable, path, required } = artifact;
  const value = variable === null ? undefined : read(variable);
  const to = placeBelow(step.outputs, path);
  const lying = resolve(step.folder, path);
  if (value !== undefined) {
    const folder = writing("artifact", key, () => writeArtifact(artifact, value, to, step.folder));
    return emit("artifact", { key, path, folder });
  }
  if (given.paths.has(path)) return;
  if (existsSync(lying))
    return emit("artifact", { key, path, folder: writing("artifact", key, () => copy(lying, to)) });
  if (required) throw missing("artifact", key);
}

/** @param {Collecting} collecting @param {StepModel} model */
async function collectModel(collecting, model) {
  const { step, emit, read, missing } = collecting;
  const value = model.variable === null ? undefined : read(model.variable);
  const lying = resolve(step.folder, model.path);
  const from = value === undefined && model.flavor !== "crate" && existsSync(lying) ? lying : value;
  if (from === undefined) {
    if (model.required) throw missing("model", model.key);
    return;
  }
  const folder = placeBelow(step.outputs, model.path);
  mkdirSync(folder, { recursive: true });
  const flavorInfo = writing("model", model.key, () => saveModel(model, from, folder, step.folder));
  if (model.probe !== null) await saveProbe(collecting, model, value, folder);
  const packages = versionsOf(model.packages, step.folder);
  emit("model", { key: model.key, path: model.path, flavor: model.flavor, flavorInfo, packages });
}

/** Further keys of the flavor in MLmodel; `name` is the flavor's own. @param {StepModel} model @param {unknown} value @param {string} to @param {string} folder the project's */
function saveModel(model, value, to, folder) {
  if (model.flavor !== "crate") return saveFiles(model, value, to, folder);
  const text = printModel(value);
  if (text === undefined)
    throw new Problem(
      "R0802",
      `the model \`${model.key}\` is ${describe(value)}, not a crate`,
      `write: const ${model.key} = crate((state, rows) => …, state)`,
    );
  writeFileSync(join(to, modelFile), text);
  return { name: "mlpipe_node", version, model: modelFile };
}

/** @param {StepModel} model @param {unknown} value @param {string} to @param {string} folder the project's */
function saveFiles({ key, flavor }, value, to, folder) {
  const from = typeof value === "string" ? resolve(folder, value) : undefined;
  if (from === undefined || !existsSync(from))
    throw new Problem(
      "R0802",
      `the model \`${key}\` is ${from === undefined ? describe(value) : `\`${String(value)}\`, but there is nothing at that path`}`,
      `assign the path of the ${flavor} that holds the model`,
    );
  copy(from, join(to, basename(from)));
  return { data: basename(from) };
}

/** Records what the model answers for the rows named by `probe`, for replays. @param {Collecting} collecting @param {StepModel} model @param {unknown} value @param {string} folder */
async function saveProbe({ read }, { key, probe }, value, folder) {
  const rows = probe === null ? undefined : read(probe);
  const predict = /** @type {{ predict?: Function } | undefined} */ (value)?.predict;
  if (rows === undefined)
    throw new Problem(
      "R0801",
      `the probe \`${probe}\` of the model \`${key}\` is neither a variable nor an input`,
      `assign \`${probe}\` before the code ends`,
    );
  if (typeof predict !== "function") return;
  const predictions = await predict(rows);
  const what = `the probe of the model \`${key}\``;
  writeFileSync(join(folder, "probe.json"), printJson({ rows, predictions }, what));
}

/** Runs `write`; the file system's refusals become R0809. @template T @param {string} kind @param {string} name @param {() => T} write @returns {T} */
function writing(kind, name, write) {
  try {
    return write();
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (error instanceof Problem || code === undefined) throw error;
    const fix = code === "ENOSPC" ? "free some space on the disk, then run again" : "";
    throw new Problem("R0809", `the ${kind} \`${name}\` cannot be written: ${message}`, fix);
  }
}
