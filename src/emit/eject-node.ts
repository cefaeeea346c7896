/** A run as one JavaScript module that logs over MLflow's REST interface and needs no package. */
import type {
  Artifact,
  Condition,
  Input,
  Metric,
  Model,
  Param,
  Program,
  Run,
  Step,
  Tag,
} from "../check/program.ts";
import { seedOf } from "../plan/seed.ts";
import type { StandardUse } from "./uses-standard.ts";
import { givenName } from "./given-name.ts";

/** The whole module; it imports `tracking.mjs` beside it. */
export function ejectNode(program: Program, run: Run, use: StandardUse): string {
  return [
    `// Written by mlpipe from ${program.file}. It needs Node, and no mlpipe.`,
    ...run.doc.split("\n").map((line) => `// ${line}`.trimEnd()),
    'import { readFileSync } from "node:fs";',
    'import { parseArgs } from "node:util";',
    'import { crate, fromCsv, startRun, toCsv, write } from "./tracking.mjs";',
    ...(use.metrics ? ['import * as standardMetrics from "./metrics.mjs";'] : []),
    ...(use.split ? ['import { splitHelpers } from "./split.mjs";'] : []),
    "",
    ...(use.metrics ? ["Object.assign(globalThis, { metrics: standardMetrics });"] : []),
    ...readParams(run.params),
    `const run = await startRun(${quote(run.experiment)}, ${quote(run.name)});`,
    "try {",
    `await run.log({ params: { ${run.params.map(({ name }) => name).join(", ")} }, tags: { ${run.tags.map(tag).join(", ")} } });`,
    ...run.steps.flatMap((step) => ["", ...splitLines(run, step, use), ...stepLines(run, step)]),
    ...run.expects.flatMap(expectation),
    'await run.end("FINISHED");',
    "} catch (error) {",
    '  await run.end("FAILED");',
    "  throw error;",
    "}",
    "",
  ].join("\n");
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function readParams(params: readonly Param[]): readonly string[] {
  if (params.length === 0) return [];
  const options = params.map(({ name, default: value }) =>
    value === undefined || value === null
      ? `${name}: { type: "string" }`
      : `${name}: { type: "string", default: ${quote(String(value))} }`,
  );
  return [
    `const { values } = parseArgs({ options: { ${options.join(", ")} } });`,
    ...params.map(({ name, type }) => `const ${name} = ${readParam(type, `values.${name}`)};`),
  ];
}

function readParam(type: Param["type"], text: string): string {
  if (type === "int" || type === "float") return `Number(${text})`;
  return type === "bool" ? `${text}.toLowerCase() === "true"` : text;
}

function tag({ key, value }: Tag): string {
  const parts = value.map((part) =>
    typeof part === "string" ? quote(part) : (part.hole.at(-1) ?? ""),
  );
  return `${quote(key)}: [${parts.join(", ")}].join("")`;
}

/** `holdout` and `folds` draw by the step's seed; as globals, so that the code and its scripts may have others. */
function splitLines(run: Run, step: Step, { split }: StandardUse): readonly string[] {
  return split ? [`Object.assign(globalThis, splitHelpers(${seedOf(run, step) ?? 0}));`] : [];
}

/** One step: its own variables in a function, and an object of what it gives to later ones. */
function stepLines(run: Run, step: Step): readonly string[] {
  const names = [...step.artifacts, ...step.models].flatMap(({ variable }) =>
    variable ? [variable] : [],
  );
  const given = argumentsOf(step);
  return [
    `const ${step.implicit ? "results" : step.name} = await (async (${given.names}) => {`,
    ...step.inputs.map((one) => input(one, run)),
    ...step.secrets.map(({ variable, from }) => `const ${variable} = process.env[${quote(from)}];`),
    step.code.kind === "fence"
      ? step.code.text.replace(/\n$/, "")
      : `await import(${quote(`./${step.code.path}`)});`,
    ...step.metrics.flatMap(metric),
    ...step.artifacts.flatMap(artifact),
    ...step.models.flatMap(model),
    `return { ${names.join(", ")} };`,
    `})(${given.values});`,
  ];
}

/** What a template was called with, as parameters: one may be called as another's param. */
function argumentsOf({ arguments: given = [] }: Step): {
  readonly names: string;
  readonly values: string;
} {
  const values = given.map(({ value }) =>
    "runParam" in value ? value.runParam : JSON.stringify(value.value),
  );
  return { names: given.map(({ param }) => param.name).join(", "), values: values.join(", ") };
}

function input({ variable, from }: Input, run: Run): string {
  switch (from.kind) {
    case "step":
      return `const ${variable} = ${from.step}.${givenName(run, from.step, from.output.path)};`;
    case "file":
    case "data":
      return `const ${variable} = ${readFile(from.path, from.format)};`;
    case "run-id":
    case "run":
    case "best":
      throw new Error("refused before");
    default:
      return from satisfies never;
  }
}

function readFile(path: string, format: Artifact["format"]): string {
  const text = `readFileSync(${quote(path)}, "utf8")`;
  if (format === "json") return `JSON.parse(${text})`;
  if (format === "csv") return `fromCsv(${text})`;
  return format === "text" ? text : quote(path);
}

function metric({ key, variable, over, call }: Metric): readonly string[] {
  if (call) {
    const given = call.arguments.flatMap((it) => ("variable" in it ? [it.variable] : []));
    const options = call.arguments.flatMap((it) =>
      "value" in it ? [`${it.name}: ${JSON.stringify(it.value)}`] : [],
    );
    const all = [...given, ...(options.length > 0 ? [`{ ${options.join(", ")} }`] : [])];
    return [
      `await run.metric(${quote(key)}, standardMetrics.${call.function}(${all.join(", ")}));`,
    ];
  }
  if (!variable) return [];
  if (over)
    return [
      `for (const [i, value] of ${variable}.entries()) await run.metric(${quote(key)}, value, i + 1);`,
    ];
  return [`await run.metric(${quote(key)}, ${variable});`];
}

function artifact({ variable, path, format }: Artifact): readonly string[] {
  if (!variable || format === "file" || format === "folder") return [];
  const texts: Partial<Record<Artifact["format"], string>> = {
    csv: `toCsv(${variable})`,
    json: `JSON.stringify(${variable})`,
  };
  return [`write(${quote(path)}, ${texts[format] ?? `String(${variable})`});`];
}

function model({ variable, path, flavor }: Model): readonly string[] {
  if (!variable || flavor !== "crate") return [];
  return [
    `write(${quote(`${path}/model.json`)}, JSON.stringify({ source: ${variable}.source, state: ${variable}.state }));`,
  ];
}

/** Comparisons of JavaScript's own kind; `like` has none. */
function expectation({ comparisons, text }: Condition): readonly string[] {
  const tests = comparisons.flatMap(({ left, operator, right }) => {
    if (operator === "like" || operator === "ilike") return [];
    const sign = operator === "=" ? "===" : operator === "!=" ? "!==" : operator;
    const other = "path" in right ? seen(right.path) : JSON.stringify(right.value);
    return [`${seen(left)} ${sign} ${other}`];
  });
  return tests.length === 0 ? [] : [`run.expect(${quote(text)}, ${tests.join(" && ")});`];
}

function seen(path: readonly string[]): string {
  return `run.seen[${quote(path.join("."))}]`;
}
