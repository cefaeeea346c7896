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
import { givenName } from "./given-name.ts";

/** The whole module. `metrics`: the source of the standard metrics, put in where a metric calls one. */
export function ejectNode(program: Program, run: Run, metrics: string): string {
  const usesMetrics = run.steps.some((step) => step.metrics.some(({ call }) => call));
  return [
    `// Written by mlpipe from ${program.file}. It needs Node, and no mlpipe.`,
    ...run.doc.split("\n").map((line) => `// ${line}`.trimEnd()),
    preamble,
    ...(usesMetrics ? [metrics.replaceAll(/^export /gm, "").trimEnd(), ""] : []),
    ...readParams(run.params),
    `const run = await startRun(${quote(run.experiment)}, ${quote(run.name)});`,
    "try {",
    `await run.log({ params: { ${run.params.map(({ name }) => name).join(", ")} }, tags: { ${run.tags.map(tag).join(", ")} } });`,
    ...run.steps.flatMap((step) => ["", ...stepLines(run, step)]),
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

/** What the code of a step may call, and the four calls of a run. */
const preamble = `import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";

/** Calls MLflow where MLFLOW_TRACKING_URI names a server; elsewhere says what it would log. */
async function track(endpoint, body) {
  const server = process.env.MLFLOW_TRACKING_URI ?? "";
  if (!server.startsWith("http")) {
    console.log(endpoint, JSON.stringify(body));
    return undefined;
  }
  const response = await fetch(\`\${server.replace(/\\/$/, "")}/api/2.0/mlflow/\${endpoint}\`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(\`\${endpoint}: \${await response.text()}\`);
  return response.json();
}

/** The run that MLflow has started, or a new one. */
async function startRun(experiment, name) {
  const pairs = (values) => Object.entries(values ?? {}).map(([key, value]) => ({ key, value: String(value) }));
  let id = process.env.MLFLOW_RUN_ID;
  const adopted = id !== undefined;
  if (!adopted) {
    const known = await track("experiments/search", { max_results: 1, filter: \`name = '\${experiment}'\` });
    const found = known?.experiments?.[0] ?? (await track("experiments/create", { name: experiment }));
    const made = await track("runs/create", { experiment_id: found?.experiment_id, run_name: name, start_time: Date.now() });
    id = made?.run.info.run_id;
  }
  const seen = {};
  return {
    seen,
    log: ({ params, tags }) =>
      track("runs/log-batch", { run_id: id, params: adopted ? [] : pairs(params), tags: pairs(tags) }),
    metric: (key, value, step = 0) => {
      seen[key] = value;
      return track("runs/log-metric", { run_id: id, key, value, step, timestamp: Date.now() });
    },
    expect: (text, holds) => {
      if (!holds) throw new Error(\`expected \${text}\`);
    },
    end: (status) => track("runs/update", { run_id: id, status, end_time: Date.now() }),
  };
}

const crate = (predictor, state) => ({ predict: (rows) => predictor(state, rows), source: String(predictor), state });
const csvCell = (value) => (/[",\\n]/.test(String(value)) ? \`"\${String(value).replaceAll('"', '""')}"\` : String(value));
const toCsv = (rows) =>
  [Object.keys(rows[0] ?? {}), ...rows.map(Object.values)].map((cells) => \`\${cells.map(csvCell).join(",")}\\n\`).join("");
const fromCsv = (text) => {
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\\r\\n]*))(,|\\r?\\n|$)/g)];
  const lines = [[]];
  for (const [, quoted, bare, end] of cells) {
    lines.at(-1).push(quoted?.replaceAll('""', '"') ?? bare);
    if (end !== ",") lines.push([]);
  }
  const [names, ...rows] = lines.filter((line) => line.length === lines[0].length);
  const typed = (value) => (value !== "" && !Number.isNaN(Number(value)) ? Number(value) : value);
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, typed(row[i])])));
};
const write = (path, text) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
`;

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

/** One step: its own variables in a function, and an object of what it gives to later ones. */
function stepLines(run: Run, step: Step): readonly string[] {
  const names = [...step.artifacts, ...step.models].flatMap(({ variable }) =>
    variable ? [variable] : [],
  );
  return [
    `const ${step.implicit ? "results" : step.name} = await (async () => {`,
    ...step.inputs.map((one) => input(one, run)),
    ...step.secrets.map(({ variable, from }) => `const ${variable} = process.env[${quote(from)}];`),
    step.code.kind === "fence"
      ? step.code.text.replace(/\n$/, "")
      : `await import(${quote(`./${step.code.path}`)});`,
    ...step.metrics.flatMap(metric),
    ...step.artifacts.flatMap(artifact),
    ...step.models.flatMap(model),
    `return { ${names.join(", ")} };`,
    "})();",
  ];
}

function input({ variable, from }: Input, run: Run): string {
  switch (from.kind) {
    case "step":
      return `const ${variable} = ${from.step}.${givenName(run, from.step, from.output.path)};`;
    case "file":
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
    const values = call.arguments.map((argument) =>
      "variable" in argument ? argument.variable : JSON.stringify(argument.value),
    );
    return [`await run.metric(${quote(key)}, ${call.function}(${values.join(", ")}));`];
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
