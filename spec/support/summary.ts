/** A program as text that a person can read and a diff can show. */
import type {
  Artifact,
  Domain,
  Input,
  Metric,
  Model,
  Param,
  Program,
  Run,
  Step,
} from "../../src/check/program.ts";
import { describeDomain, describeValue } from "../../src/check/domain.ts";

/** Everything of the program but docs and places. */
export function summarise(program: Program): string {
  const { project, experiment } = program;
  return [
    `project ${project.name}, main ${project.main ?? "none"}, own ${program.own.join(" ")}`,
    `experiment ${experiment?.name ?? "none"} ${tags(experiment?.tags ?? [])}`.trim(),
    ...[...program.runs.values()].flatMap(run),
    ...[...program.sweeps, ...program.compares, ...program.launches].map(([, it]) => plain(it)),
    `sources ${program.sources.map(({ path }) => path).join(" ")}`,
    "",
  ].join("\n");
}

function plain(it: object): string {
  const hidden = ["place", "params", "doc"];
  return JSON.stringify(it, (key, value: unknown) => (hidden.includes(key) ? undefined : value));
}

function run(it: Run): readonly string[] {
  const promise = it.contract ? `, contract ${JSON.stringify(it.contract)}` : "";
  return [
    "",
    `run ${it.name} in ${it.experiment}, seed ${it.seed ?? "none"}${promise}`,
    ...(it.displayName ? [`  name ${JSON.stringify(it.displayName)}`] : []),
    ...it.params.map(param),
    ...it.requires.map(({ condition, note }) => `  require ${condition.text} (${note})`),
    ...(it.tags.length > 0 ? [`  ${tags(it.tags)}`] : []),
    ...outputs(it.shared),
    ...it.steps.flatMap(step),
    ...it.expects.map(({ text }) => `  expect ${text}`),
  ];
}

function param({ name, type, nullable, default: value, domain }: Param): string {
  const given = value === undefined ? " required" : ` = ${describeValue(value)}`;
  return `  param ${name}: ${type}${nullable ? "?" : ""}${given}${within(domain)}`;
}

function within(domain: Domain | undefined): string {
  return domain ? ` ${describeDomain(domain)}` : "";
}

function step(it: Step): readonly string[] {
  const { code } = it;
  const place =
    code.kind === "fence"
      ? `${code.file}:${code.line}:${code.column}-${code.lastLine}`
      : `script ${code.path}`;
  return [
    `  step ${it.name}${it.implicit ? " (implicit)" : ""}: ${it.language} ${place}`,
    `    sees ${it.params.join(" ") || "no params"}, needs ${it.needs.join(" ") || "nothing"}`,
    ...(it.arguments ?? []).map(
      ({ param: { name }, value }) => `    ${name} = ${JSON.stringify(value)}`,
    ),
    ...it.inputs.map(input),
    ...outputs(it).map((line) => `  ${line}`),
    ...it.secrets.map(({ variable, from }) => `    secret ${variable} from ${from}`),
    ...Object.entries(it.env).map(([name, value]) => `    env ${name} = ${JSON.stringify(value)}`),
    ...limits(it),
  ];
}

function limits({ timeoutMs, cache, resources }: Step): readonly string[] {
  const set = Object.entries({ timeoutMs, ...resources }).filter(
    ([, value]) => value !== undefined,
  );
  const given = [
    ...set.map(([name, value]) => `${name} ${String(value)}`),
    ...(cache ? [] : ["no cache"]),
  ];
  return given.length === 0 ? [] : [`    ${given.join(", ")}`];
}

function input({ variable, from }: Input): string {
  return `    input ${variable} from ${JSON.stringify(from)}`;
}

function outputs(it: {
  readonly metrics: readonly Metric[];
  readonly artifacts: readonly Artifact[];
  readonly models: readonly Model[];
}): readonly string[] {
  return [
    ...it.metrics.map(metric),
    ...it.artifacts.map(({ key, format, path }) => `  artifact ${key}: ${format} at ${path}`),
    ...it.models.map(
      ({ key, flavor, path, register }) =>
        `  model ${key}: ${flavor} at ${path}${register ? ` as ${register.name}` : ""}`,
    ),
  ];
}

function metric({ key, variable, over, call, goal, domain }: Metric): string {
  const axis = over ? ` over ${over}` : "";
  const named = variable === undefined ? " (no variable)" : "";
  const by = call
    ? ` = ${call.function}(${call.arguments.map((it) => JSON.stringify(it)).join(", ")})`
    : "";
  return `  metric ${key}${named}${axis}${by} ${goal ?? "no goal"}${within(domain)}`;
}

function tags(all: readonly { readonly key: string; readonly value: unknown }[]): string {
  return all.map(({ key, value }) => `tag ${key} = ${JSON.stringify(value)}`).join(", ");
}
