/** The MLproject file of a program: every run, sweep, comparison and launch as an entry point of `mlflow run`. */
import { Document, Scalar, YAMLMap } from "yaml";
import type { Param, Program } from "../check/program.ts";
import { freeParams } from "../plan/params.ts";
import { formatParam } from "../check/domain.ts";
import { quoteForShell } from "../source/shell-quote.ts";

export interface MlprojectOptions {
  /** `written`: types as in the file (MLflow checks only path and uri). `documented`: only the four that MLflow documents. */
  readonly types: "written" | "documented";
}

/** MLflow substitutes with Python's str.format, which reads `.` `[` `!` and `:` in a name as operators. */
const substitutable = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A param of an entry that MLflow cannot hand over because of its name. */
export interface Unpassable {
  readonly entry: string;
  readonly param: Param;
}

/** Params whose names MLflow cannot substitute; those with a default are left out of the file, others make it useless. */
export function unpassableParams(program: Program): readonly Unpassable[] {
  return entries(program).flatMap(({ name, params }) =>
    params.filter((param) => !isPassable(param)).map((param) => ({ entry: name, param })),
  );
}

/** The file's text; the same program gives the same bytes. */
export function printMlproject(
  program: Program,
  options: MlprojectOptions = { types: "written" },
): string {
  const file = oneLine(program.file);
  return printProject(program, {
    comment: ` Written by mlpipe from ${file}. Change that file, then run: mlpipe compile ${file}`,
    entries: entries(program).map((entry) => ({
      name: entry.name === program.project.main ? "main" : entry.name,
      params: entry.params.filter(isPassable),
      command: command(program, entry, entry.params.filter(isPassable)),
    })),
    types: options.types,
  });
}

/** An entry point with the command that stands for it, in which `{name}` is MLflow's to fill. */
export interface ProjectEntry {
  readonly name: string;
  readonly params: readonly Param[];
  readonly command: string;
}

/** An MLproject file with these entry points and the program's name and environment. */
export function printProject(
  program: Program,
  {
    comment,
    entries: points,
    types,
  }: MlprojectOptions & { readonly comment: string; readonly entries: readonly ProjectEntry[] },
): string {
  const document = new Document({}, { version: "1.1" });
  document.commentBefore = comment;
  document.set("name", text(program.project.name));
  setEnvironment(document, program);
  const map = new YAMLMap();
  for (const point of points) map.set(point.name, entryPoint(point, types));
  document.set("entry_points", map);
  return escapeForYaml(document.toString({ lineWidth: 0 }));
}

function isPassable({ name }: Param): boolean {
  return substitutable.test(name);
}

interface Entry {
  readonly name: string;
  readonly command: "run" | "compare";
  readonly params: readonly Param[];
}

/** In the order of the file; the main one first, under the name `main`. */
function entries(program: Program): readonly Entry[] {
  const own = program.own.flatMap((name): readonly Entry[] => {
    const sweep = program.sweeps.get(name);
    const params = sweep ? freeParams(sweep) : program.runs.get(name)?.params;
    if (params) return [{ name, command: "run", params }];
    if (program.compares.has(name)) return [{ name, command: "compare", params: [] }];
    return program.launches.has(name) ? [{ name, command: "run", params: [] }] : [];
  });
  const main = own.filter(({ name }) => name === program.project.main);
  return [...main, ...own.filter((entry) => !main.includes(entry))];
}

function setEnvironment(document: Document, program: Program): void {
  const { env } = program.project;
  if (env?.kind === "conda") document.set("conda_env", env.file ?? "conda.yaml");
  if (env?.kind === "python") document.set("python_env", env.file ?? "python_env.yaml");
  if (env?.kind === "docker")
    document.set("docker_env", document.createNode({ image: env.file ?? "" }));
}

function entryPoint(
  { params, command: words }: ProjectEntry,
  types: MlprojectOptions["types"],
): YAMLMap {
  const map = new YAMLMap();
  if (params.length > 0) {
    const parameters = new YAMLMap();
    for (const param of params) parameters.set(param.name, parameter(param, types));
    map.set("parameters", parameters);
  }
  map.set("command", text(words));
  return map;
}

function parameter(param: Param, types: MlprojectOptions["types"]): YAMLMap {
  const map = new YAMLMap();
  map.flow = true;
  map.set("type", types === "written" ? param.type : documentedType(param));
  if (param.default !== undefined) map.set("default", defaultNode(param));
  return map;
}

function documentedType({ type }: Param): string {
  return type === "int" ? "float" : type === "bool" ? "string" : type;
}

/**
 * A default that arrives with the same bits: MLflow loads it as YAML 1.1, prints it by Python's `str`, and hands that to
 * `-P`. A null is the word null, since MLflow takes a YAML null for "no default". Texts are quoted, so that `no`, `1e5`
 * and `2026-01-01` stay texts; so is -0, since Python's int has no negative zero.
 */
function defaultNode({ default: value, type }: Param): Scalar {
  if (typeof value === "number" && !Object.is(value, -0)) return new Scalar(value);
  return quoted(value === null || value === undefined ? "null" : formatParam(value, type));
}

function quoted(text: string): Scalar {
  const node = new Scalar(text);
  node.type = Scalar.QUOTE_DOUBLE;
  return node;
}

/** Text as the writer likes it best, but quoted where it holds what `escapeForYaml` must escape. */
function text(value: string): Scalar {
  return unwritable.test(value) ? quoted(value) : new Scalar(value);
}

/** What YAML 1.1 takes for a line break, or refuses to read raw. */
const unwritable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/;

function escapeForYaml(document: string): string {
  return document.replaceAll(
    new RegExp(unwritable, "g"),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** MLflow quotes each value for the shell, then formats: `{cp}` stays bare, every other brace is doubled. */
function command(program: Program, entry: Entry, params: readonly Param[]): string {
  const words = [
    "npx",
    "--no",
    "mlpipe",
    entry.command,
    quoteForShell(program.file),
    quoteForShell(entry.name),
  ];
  const values = params.map(({ name }) => `-P ${name}={${name}}`);
  return [...words.map((word) => word.replaceAll(/[{}]/g, "$&$&")), ...values].join(" ");
}

function oneLine(words: string): string {
  return words.replaceAll(/[\s\p{C}\x85]+/gu, " ");
}
