/** What a block of step items says by itself, before its inputs are linked to what other steps and runs give. */
import type { Place } from "../source/text.ts";
import type {
  EnvItem,
  InputItem,
  Name,
  Node,
  NumberValue,
  RunItem,
  SecretItem,
  SourceNode,
} from "../syntax/ast.ts";
import { type WrittenCode, readCode } from "./code-item.ts";
import { type CheckContext, say } from "./context.ts";
import { ofKind, only, readable } from "./items.ts";
import { readMetric } from "./metrics.ts";
import { readArtifact, readModel } from "./outputs.ts";
import type { Artifact, Metric, Model, Resources, Secret, Template } from "./program.ts";
import { type ModuleScope, placeOf } from "./scope.ts";
import { type HoleNames, fixedText, readTextual } from "./texts.ts";
import { sourceOf } from "./values.ts";

export interface Outputs {
  readonly metrics: readonly Metric[];
  readonly artifacts: readonly Artifact[];
  readonly models: readonly Model[];
}

export const noOutputs: Outputs = { metrics: [], artifacts: [], models: [] };

/** An input as written. `home` is the file that says where it comes from. */
export interface WrittenInput {
  readonly variable: string;
  /** What the source calls it. */
  readonly output: Name;
  readonly from: SourceNode;
  readonly home: ModuleScope;
  /** Where the output is named: beside `input`, or in the call of a template. */
  readonly at: Place;
  /** Where the variable is named. */
  readonly place: Place;
}

export interface WrittenSecret extends Secret {
  readonly place: Place;
}

/** Undefined and empty: nothing said. */
export interface StepParts extends Outputs {
  /** Every fence and script that could be read; a step has one. */
  readonly code: readonly WrittenCode[];
  /** Places of all fences and scripts, readable or not. */
  readonly codePlaces: readonly Place[];
  readonly inputs: readonly WrittenInput[];
  readonly secrets: readonly WrittenSecret[];
  readonly env: Readonly<Record<string, Template>>;
  readonly resources: Resources | undefined;
  readonly timeoutMs: number | undefined;
  readonly cache: boolean;
  readonly after: readonly Name[];
  readonly uses: readonly Name[] | undefined;
}

/** Reads the step items among `items`; the others are left to whoever reads the block. */
export function readStepParts(
  context: CheckContext,
  home: ModuleScope,
  items: readonly RunItem[],
  holes: HoleNames,
): StepParts {
  const { module } = home;
  const written = items.filter((it) => it.kind === "code" || it.kind === "script");
  const uses = ofKind(items, "uses").flatMap(({ names }) => names);
  return {
    code: written.flatMap((it) => readCode(context, home, it) ?? []),
    codePlaces: written.map((it) => placeOf(home, it)),
    metrics: ofKind(items, "metric").map((it) => readMetric(context, home, it)),
    artifacts: ofKind(items, "artifact").map((it) => readArtifact(context, module, it)),
    models: ofKind(items, "model").map((it) => readModel(context, module, it, holes)),
    inputs: ofKind(items, "input").flatMap((it) => readInputs(home, it)),
    secrets: ofKind(items, "secret").map((it) => readSecret(context, home, it)),
    env: readEnv(context, home, ofKind(items, "env"), holes),
    resources: readResources(context, home, items),
    timeoutMs: readTimeout(context, home, items),
    cache: only(context, module, items, "cache-off") === undefined,
    after: ofKind(items, "after").flatMap(({ names }) => names),
    uses: uses.length === 0 ? undefined : uses,
  };
}

function readInputs(home: ModuleScope, { names, from }: InputItem): readonly WrittenInput[] {
  return names.map(({ name, alias }) => ({
    variable: (alias ?? name).text,
    output: name,
    from,
    home,
    at: placeOf(home, name),
    place: placeOf(home, alias ?? name),
  }));
}

function readSecret(
  context: CheckContext,
  home: ModuleScope,
  { name, variable }: SecretItem,
): WrittenSecret {
  const from = fixedText(context, home.module, variable);
  if (!isEnvironmentName(from)) sayNoEnvironmentName(context, home, variable, from);
  return { variable: name.text, from, place: placeOf(home, name) };
}

const noEnv: Readonly<Record<string, Template>> = {};

function readEnv(
  context: CheckContext,
  home: ModuleScope,
  items: readonly EnvItem[],
  holes: HoleNames,
): Readonly<Record<string, Template>> {
  if (items.length === 0) return noEnv;
  const read = new Map<string, Template>();
  for (const { key, value } of items.flatMap(({ block }) => readable(block))) {
    const name = key.text;
    if (!isEnvironmentName(name)) sayNoEnvironmentName(context, home, key, name);
    if (read.has(name))
      say(context, "E0202", placeOf(home, key), { kind: "environment variable", name });
    else read.set(name, readTextual(context, home.module, value, holes));
  }
  return Object.fromEntries(read);
}

function isEnvironmentName(name: string): boolean {
  return name !== "" && !/[=\0]/u.test(name);
}

function sayNoEnvironmentName(
  context: CheckContext,
  home: ModuleScope,
  node: Node,
  key: string,
): void {
  const because = key === "" ? "it is empty" : "it holds `=`";
  say(context, "E0501", placeOf(home, node), { kind: "environment variable", key, because });
}

function readTimeout(
  context: CheckContext,
  home: ModuleScope,
  items: readonly RunItem[],
): number | undefined {
  const duration = only(context, home.module, items, "timeout")?.duration;
  if (duration?.milliseconds === 0) sayTooSmall(context, home, duration, "a time above 0");
  return duration?.milliseconds;
}

function readResources(
  context: CheckContext,
  home: ModuleScope,
  items: readonly RunItem[],
): Resources | undefined {
  const item = only(context, home.module, items, "resources");
  if (!item) return undefined;
  const options = readable(item.block);
  const cpus = only(context, home.module, options, "cpus")?.count;
  const gpus = only(context, home.module, options, "gpus")?.count;
  const memory = only(context, home.module, options, "memory")?.size;
  if (cpus && !isCount(cpus, 1)) sayTooSmall(context, home, cpus, "a whole number above 0");
  if (gpus && !isCount(gpus, 0)) sayTooSmall(context, home, gpus, "a whole number from 0");
  if (memory?.bytes === 0) sayTooSmall(context, home, memory, "a size above 0");
  return { cpus: cpus?.value, memoryBytes: memory?.bytes, gpus: gpus?.value };
}

function isCount({ value }: NumberValue, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}

function sayTooSmall(context: CheckContext, home: ModuleScope, node: Node, expected: string): void {
  const found = sourceOf(home.module, node);
  say(context, "E0301", placeOf(home, node), { found, expected, fix: `write ${expected}` });
}
