/** A run as one R script over {mlflow} and {carrier}. */
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
  StepArgument,
  Tag,
  Value,
} from "../check/program.ts";
import { seedOf } from "../plan/seed.ts";
import type { StandardUse } from "./uses-standard.ts";
import { givenName } from "./given-name.ts";
import { describeValue } from "../check/domain.ts";

/** The whole script. */
export function ejectR(program: Program, run: Run, use: StandardUse): string {
  return [
    `# Written by mlpipe from ${program.file}. It needs {mlflow} and {carrier}, and no mlpipe.`,
    ...run.doc.split("\n").map((line) => `# ${line}`.trimEnd()),
    "library(mlflow)",
    ...sourceStandard(use),
    "",
    ...run.params.map(param),
    "",
    "# Under `mlflow run` the run and its experiment exist already, and MLflow has logged the params.",
    'if (!nzchar(Sys.getenv("MLFLOW_RUN_ID"))) mlflow_set_experiment(' +
      quote(run.experiment) +
      ")",
    "",
    "logged <- list()",
    "log_metric <- function(key, value, ...) {",
    "  logged[[key]] <<- value",
    "  mlflow_log_metric(key, value, ...)",
    "}",
    "",
    "with(mlflow_start_run(), {",
    ...logParams(run.params),
    ...run.tags.map(tag),
    ...run.steps.flatMap((step) => ["", ...stepLines(run, step, use)]),
    ...run.expects.flatMap(expectation),
    "})",
    "",
  ].join("\n");
}

/** In an environment of its own, so that no variable of the code is one of its functions. */
function sourceStandard({ metrics, split }: StandardUse): readonly string[] {
  if (!metrics && !split) return [];
  return [
    "mlpipe_standard <- new.env()",
    'sys.source("metrics.R", mlpipe_standard)',
    ...(split ? ['sys.source("split.R", mlpipe_standard)'] : []),
    ...(metrics ? ["metrics <- mlpipe_standard$metrics"] : []),
  ];
}

/** R reads the escapes of JSON texts. */
function quote(text: string): string {
  return JSON.stringify(text);
}

function param({ name, type, default: value }: Param): string {
  const kinds = {
    int: "integer",
    float: "numeric",
    string: "string",
    bool: "string",
    path: "string",
    uri: "string",
  };
  const written =
    value === undefined || value === null
      ? ""
      : `, default = ${typeof value === "string" ? quote(value) : type === "bool" ? quote(String(value)) : `${String(value)}${type === "int" ? "L" : ""}`}`;
  const read = `mlflow_param(${quote(name)}${written}, type = "${kinds[type]}")`;
  return `${name} <- ${type === "bool" ? `as.logical(toupper(${read}))` : read}`;
}

function logParams(params: readonly Param[]): readonly string[] {
  if (params.length === 0) return [];
  const calls = params.map(({ name }) => `    mlflow_log_param(${quote(name)}, ${name})`);
  return ['  if (!nzchar(Sys.getenv("MLFLOW_RUN_ID"))) {', ...calls, "  }"];
}

function tag({ key, value }: Tag): string {
  const parts = value.map((part) => (typeof part === "string" ? quote(part) : part.hole.at(-1)));
  return `  mlflow_set_tag(${quote(key)}, paste0(${parts.join(", ")}))`;
}

/** One step: its own variables, and a list of what it gives to later ones. */
function stepLines(run: Run, step: Step, use: StandardUse): readonly string[] {
  const names = [...step.artifacts, ...step.models].flatMap(({ variable }) =>
    variable ? [variable] : [],
  );
  return [
    `  ${step.name} <- local({`,
    ...indent([
      ...argumentLines(step.arguments ?? []),
      ...step.inputs.map((one) => input(one, run)),
      ...step.secrets.map(({ variable, from }) => `${variable} <- Sys.getenv(${quote(from)})`),
      ...seedLines(run, step),
      ...(use.split
        ? [`list2env(mlpipe_standard$split_helpers(${seedOf(run, step) ?? 0}), environment())`]
        : []),
    ]),
    ...codeLines(step),
    ...indent([
      ...outputLines(run, step),
      `list(${names.map((name) => `${name} = ${name}`).join(", ")})`,
    ]),
    "  })",
  ];
}

/** What a template was called with, all at once: one may be called as another's param. */
function argumentLines(given: readonly StepArgument[]): readonly string[] {
  if (given.length === 0) return [];
  const values = given.map(({ param: { name, type }, value }) => {
    if ("runParam" in value) return `${name} = ${value.runParam}`;
    const whole = type === "int" && value.value !== null ? "L" : "";
    return `${name} = ${valueInR(value.value)}${whole}`;
  });
  return [`list2env(list(${values.join(", ")}), environment())`];
}

/** Inside a step; code keeps its own indentation. */
function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `    ${line}`);
}

function seedLines(run: Run, step: Step): readonly string[] {
  const seed = seedOf(run, step);
  return seed === undefined
    ? []
    : [`set.seed(${seed}, "Mersenne-Twister", "Inversion", "Rejection")`];
}

function codeLines({ code }: Step): readonly string[] {
  return code.kind === "fence"
    ? [code.text.replace(/\n$/, "")]
    : [`    source(${quote(code.path)}, local = TRUE)`];
}

function input({ variable, from }: Input, run: Run): string {
  switch (from.kind) {
    case "step":
      return `${variable} <- ${from.step}$${givenName(run, from.step, from.output.path)}`;
    case "run-id":
      return `${variable} <- mlflow_load_model(${quote(`runs:/${from.id}/${from.output}`)})`;
    case "file":
    case "data":
      return `${variable} <- ${readFile(from.path, from.format)}`;
    case "run":
    case "best":
      throw new Error("refused before");
    default:
      return from satisfies never;
  }
}

function readFile(path: string, format: Artifact["format"]): string {
  const readers: Partial<Record<Artifact["format"], string>> = {
    csv: "read.csv",
    json: "jsonlite::read_json",
    text: "readLines",
    rds: "readRDS",
    parquet: "arrow::read_parquet",
  };
  return `${readers[format] ?? "normalizePath"}(${quote(path)})`;
}

function outputLines(run: Run, step: Step): readonly string[] {
  const metrics = [...step.metrics, ...(step === run.steps.at(-1) ? run.shared.metrics : [])];
  return [
    ...metrics.flatMap(metric),
    ...step.models.flatMap(model),
    ...step.artifacts.flatMap(artifact),
  ];
}

function metric({ key, variable, over, call }: Metric): readonly string[] {
  if (call) {
    const given = call.arguments.map((it) =>
      "variable" in it ? it.variable : `${it.name} = ${valueInR(it.value)}`,
    );
    return [
      `${variable ?? "value"} <- mlpipe_standard$metrics$${call.function}(${given.join(", ")})`,
      `log_metric(${quote(key)}, ${variable ?? "value"})`,
    ];
  }
  if (!variable) return [];
  if (over)
    return [
      `for (i in seq_along(${variable})) log_metric(${quote(key)}, ${variable}[[i]], step = i)`,
    ];
  return [`log_metric(${quote(key)}, ${variable})`];
}

function valueInR(value: Value): string {
  if (value === null) return "NULL";
  return typeof value === "boolean" ? String(value).toUpperCase() : JSON.stringify(value);
}

function model({ variable, path, flavor }: Model): readonly string[] {
  if (!variable) return [];
  return [
    flavor === "crate"
      ? `mlflow_log_model(${variable}, ${quote(path)})`
      : `mlflow_log_artifact(${variable}, ${quote(path)})`,
  ];
}

function artifact({ variable, path, format }: Artifact): readonly string[] {
  if (!variable) return [`mlflow_log_artifact(${quote(path)})`];
  const writers: Partial<Record<Artifact["format"], string>> = {
    csv: `write.csv(${variable}, ${quote(path)}, row.names = FALSE)`,
    json: `jsonlite::write_json(${variable}, ${quote(path)}, digits = NA)`,
    text: `writeLines(as.character(${variable}), ${quote(path)})`,
    rds: `saveRDS(${variable}, ${quote(path)})`,
    parquet: `arrow::write_parquet(${variable}, ${quote(path)})`,
  };
  const writer = writers[format];
  return writer
    ? [writer, `mlflow_log_artifact(${quote(path)})`]
    : [`mlflow_log_artifact(${variable})`];
}

/** Comparisons of R's own kind; `like` has none. */
function expectation({ comparisons }: Condition): readonly string[] {
  return comparisons.flatMap(({ left, operator, right }) => {
    if (operator === "like" || operator === "ilike") return [];
    const sign = operator === "=" ? "==" : operator;
    const other = "path" in right ? logged(right.path) : describeValue(right.value);
    return [`  stopifnot(${logged(left)} ${sign} ${other})`];
  });
}

function logged(path: readonly string[]): string {
  return `logged[[${quote(path.join("."))}]]`;
}
