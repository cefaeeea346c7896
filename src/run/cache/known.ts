/** What is known of a step before it runs, as the parts of its key. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { describeValue } from "../../check/domain.ts";
import type { PlannedParam, StepAction } from "../../plan/plan.ts";
import { findR } from "../r.ts";
import type { CodeFacts } from "./code-facts.ts";
import type { Component } from "./component.ts";
import { digestOf, digestOfPath } from "./digest.ts";
import { isCode, namedFiles } from "./named-files.ts";
import { type LanguageText, normalDigests } from "./normal-form.ts";
import type { Uncached } from "./record.ts";
import { runtimeComponents } from "./runtime.ts";
import { lookAtFiles } from "./watch.ts";

export interface KnownPlaces {
  /** The cache's folder. */
  readonly root: string;
  /** The project's, absolute. */
  readonly folder: string;
  /** What the step's process inherits. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Known {
  readonly components: readonly Component[];
  /** Absolute paths of the files that the code names. */
  readonly named: readonly string[];
  /** Why nothing of the step can be kept; undefined as far as can be seen before it runs. */
  readonly uncached: Uncached | undefined;
}

/**
 * `inputs` says what each input holds, as far as that is known: what is not is left out, and so is it from the parts.
 * Undefined where the code itself cannot be read.
 */
export async function knownOf(
  step: StepAction,
  inputs: ReadonlyMap<string, string>,
  runName: string,
  places: KnownPlaces,
): Promise<Known | undefined> {
  const code = codeOf(step, places.folder);
  if (!code) return undefined;
  const home = path.dirname(path.resolve(places.folder, homeOf(step)));
  const { files, facts } = namedFiles(code.text, code.language, { folder: places.folder, home });
  const [form] = await normalDigests([code], normalPlaces([code], places));
  const components: readonly Component[] = [
    { name: "code", value: `${step.language} ${form}` },
    ...(await paramComponents(step, facts, places.folder)),
    ...step.inputs.flatMap(({ variable }) => part(`input ${variable}`, inputs.get(variable))),
    ...part("seed", step.seed),
    ...(facts.readsRunName ? part("run's name", runName) : []),
    ...environmentComponents(step, facts, places.env),
    ...secretComponents(step),
    ...outputComponents(step),
    ...(await runtimeComponents(step.language, places.env, places.folder)),
    ...(await startComponents(step, places)),
  ];
  return { components, named: files, uncached: uncachedBy(step, facts) };
}

/** The codes of several steps at once, so that R is started once for all that are new. */
export async function rememberForms(
  steps: readonly StepAction[],
  places: KnownPlaces,
): Promise<void> {
  const codes = steps.flatMap((step) => codeOf(step, places.folder) ?? []);
  await normalDigests(codes, normalPlaces(codes, places));
}

/** One text for the code of each step, in its normal form, with the code files that it names; null for what cannot be read. */
export async function codeMeanings(
  steps: readonly StepAction[],
  places: KnownPlaces,
): Promise<readonly (string | null)[]> {
  await rememberForms(steps, places);
  const meanings: (string | null)[] = [];
  for (const step of steps) {
    const code = codeOf(step, places.folder);
    if (!code) meanings.push(null);
    else {
      const { folder } = places;
      const home = path.dirname(path.resolve(folder, homeOf(step)));
      const helpers = namedFiles(code.text, code.language, { folder, home }).files.filter(isCode);
      const [form = ""] = await normalDigests([code], normalPlaces([code], places));
      const digests = await Promise.all(helpers.map((file) => digestOfPath(file)));
      meanings.push([code.language, form, ...digests].join(" "));
    }
  }
  return meanings;
}

/** R is looked for along PATH, so only where there is code of it. */
function normalPlaces(
  codes: readonly LanguageText[],
  { root, env, folder }: KnownPlaces,
): Parameters<typeof normalDigests>[1] {
  if (codes.every(({ language }) => language !== "r")) return { root, rscript: undefined };
  const found = findR(env, folder);
  return { root, rscript: found.kind === "rscript" ? found.path : undefined };
}

function codeOf({ code, language }: StepAction, folder: string): LanguageText | undefined {
  if (code.kind === "fence") return { language, text: code.text };
  try {
    return { language, text: readFileSync(path.resolve(folder, code.path), "utf8") };
  } catch {
    return undefined;
  }
}

/** A fence imports as from the project's folder. */
function homeOf({ code }: StepAction): string {
  return code.kind === "fence" ? path.basename(code.file) : code.path;
}

function part(name: string, value: string | number | undefined): readonly Component[] {
  return value === undefined ? [] : [{ name, value: String(value) }];
}

function uncachedBy(step: StepAction, facts: CodeFacts): Uncached | undefined {
  if (!step.cache) return "off";
  const isNew = Object.values(step.env).some((value) => typeof value !== "string");
  return isNew || facts.readsRunId ? "run-id" : undefined;
}

/** Of the params that the step sees those that its code names, or all where it may reach them otherwise. */
async function paramComponents(
  step: StepAction,
  facts: CodeFacts,
  folder: string,
): Promise<readonly Component[]> {
  const usesAll = step.code.kind === "script" || facts.unseen;
  const named = new Set([...facts.words, ...variablesOf(step)]);
  const used = step.params.filter(({ name }) => usesAll || named.has(name));
  const values = used.map(async (param) => ({
    name: `param ${param.name}`,
    value: await paramValue(param, folder),
  }));
  return Promise.all(values);
}

/** Variables that the step's outputs are made of, beside those that its code names. */
function variablesOf({ metrics, artifacts, models }: StepAction): readonly string[] {
  const given = [...metrics, ...artifacts, ...models].flatMap(({ variable }) => variable ?? []);
  const calls = metrics.flatMap(({ call }) => call?.arguments ?? []);
  return [
    ...given,
    ...calls.flatMap((argument) => ("variable" in argument ? [argument.variable] : [])),
    ...models.flatMap(({ probe }) => probe ?? []),
  ];
}

async function paramValue({ type, value }: PlannedParam, folder: string): Promise<string> {
  const text = `${type} ${describeValue(value)}`;
  if (type !== "path" || typeof value !== "string") return text;
  return `${text} ${(await digestOfPath(path.resolve(folder, value))) ?? "absent"}`;
}

/** What steers R, Node and the libraries below them, whoever names it. */
const steering =
  /^(?:TZ|LANG|LANGUAGE|LC_.*|R_LIBS(?:_USER|_SITE)?|R_PROFILE(?:_USER)?|R_ENVIRON(?:_USER)?|R_HOME|NODE_OPTIONS|NODE_PATH|(?:OMP|OPENBLAS|MKL)_NUM_THREADS)$/u;
/** What mlpipe itself sets, or every shell anew. */
const passing = /^(?:MLFLOW_.*|MLPIPE_.*|_|PWD|OLDPWD|SHLVL)$/u;

/** What the step sets is told; of what it inherits only a digest is kept, since it may be anything. */
function environmentComponents(
  step: StepAction,
  { words }: CodeFacts,
  env: KnownPlaces["env"],
): readonly Component[] {
  const apart = new Set([
    ...Object.keys(step.env),
    ...step.unsetEnv,
    ...step.secrets.map(({ from }) => from),
  ]);
  const inherited = Object.keys(env)
    .filter((name) => env[name] !== undefined && !apart.has(name) && !passing.test(name))
    .filter((name) => steering.test(name) || words.has(name))
    .toSorted();
  return [
    ...Object.entries(step.env).flatMap(([name, value]) =>
      typeof value === "string" ? part(`env ${name}`, value) : [],
    ),
    ...inherited.flatMap((name) => part(`variable ${name}`, digestOf(env[name] ?? ""))),
  ];
}

/** Which secrets there are, never what they hold. */
function secretComponents({ secrets }: StepAction): readonly Component[] {
  return secrets.flatMap(({ variable, from }) => part(`secret ${variable}`, `from ${from}`));
}

/** Goals and domains are not the code's. */
function outputComponents({ metrics, artifacts, models }: StepAction): readonly Component[] {
  return [
    ...metrics.flatMap(({ key, variable, over, call, required }) =>
      part(`metric ${key}`, JSON.stringify({ variable, over, call, required })),
    ),
    ...artifacts.flatMap(({ key, ...rest }) => part(`artifact ${key}`, JSON.stringify(rest))),
    ...models.flatMap(({ key, ...rest }) => part(`model ${key}`, JSON.stringify(rest))),
  ];
}

/** R reads a profile and an environment file before the code, unless it starts clean. */
async function startComponents(
  { language, cleanStart }: StepAction,
  { folder, env }: KnownPlaces,
): Promise<readonly Component[]> {
  if (language !== "r") return [];
  if (cleanStart) return part("clean start", "yes");
  const home = env["HOME"] ?? homedir();
  const own = [".Rprofile", ".Renviron"].map(async (name) => {
    const named = env[name === ".Rprofile" ? "R_PROFILE_USER" : "R_ENVIRON_USER"];
    const places = named ? [named] : [path.join(folder, name), path.join(home, name)];
    for (const place of places) {
      const [found] = await lookAtFiles([place], folder);
      if (found) return [{ ...found, name: `file ${name}` }];
    }
    return [];
  });
  return (await Promise.all(own)).flat();
}
