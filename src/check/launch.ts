/** Launches: an entry point of this project, or of one in git, with values for its params. */
import type { LaunchItem, SetItem } from "../syntax/ast.ts";
import { runOf } from "./compare.ts";
import { type CheckContext, say } from "./context.ts";
import { ofKind, only, readable } from "./items.ts";
import type { Launch, Value } from "./program.ts";
import {
  type CheckedRuns,
  type Declared,
  type ModuleScope,
  type RunScope,
  lookUp,
  placeOf,
  sayUnknown,
} from "./scope.ts";
import { checkRequired, checkSetItems, withoutTwins } from "./set-values.ts";
import { fixedText } from "./texts.ts";
import { readValue, typeOfValue } from "./values.ts";

type DeclaredLaunch = Extract<Declared, { readonly kind: "launch" }>;
type Items = readonly Exclude<LaunchItem, { readonly kind: "broken" }>[];

/** Where a launch may go. All of them are understood; only `local` is served by mlpipe itself. */
const backends = ["local", "databricks", "kubernetes", "slurm"] as const;

/**
 * A launch, as good as it could be made. Without `git` its entry is a run or a sweep of this file; with `git` what the
 * entry is can be seen only there, and is checked when the project has been fetched. `main` is the run that the file's
 * MLproject calls `main`.
 */
export function checkLaunch(
  context: CheckContext,
  { node, home }: DeclaredLaunch,
  runs: CheckedRuns,
  main: string | undefined,
): Launch {
  const items = readable(node.block);
  const git = only(context, home.module, items, "git");
  const entry = only(context, home.module, items, "entry");
  if (git && entry && home.names.has(entry.name.text)) home.used.add(entry.name.text);
  const own = git ? undefined : findEntry(context, home, items, main);
  const repeated = own && runOf(own);
  const run = repeated && runs.get(repeated.node)?.scope;
  const sets = ofKind(items, "set");
  const set = git ? readValues(context, home, sets) : setOf(context, home, run, sets);
  if (own?.kind === "sweep") refuseVaried(context, home, own, sets);
  const given = new Set(sets.map(({ key }) => key.text));
  const where = `the launch \`${node.name.text}\``;
  if (run)
    checkRequired(context, placeOf(home, node.name), { where, params: run.params.values(), given });
  return {
    name: node.name.text,
    git: git && fixedText(context, home.module, git.url),
    at: git?.at && fixedText(context, home.module, git.at),
    entry: own?.node.name.text ?? entry?.name.text ?? "main",
    backend: readBackend(context, home, items),
    set,
    doc: node.doc?.text ?? "",
    place: placeOf(home, node.name),
  };
}

type OwnEntry = Extract<Declared, { readonly kind: "run" | "sweep" }>;

/** The run or sweep of this file; undefined where there is none of that name, which is said. */
function findEntry(
  context: CheckContext,
  home: ModuleScope,
  items: Items,
  main: string | undefined,
): OwnEntry | undefined {
  const entry = ofKind(items, "entry")[0]?.name;
  const isMain = entry === undefined || (entry.text === "main" && !home.names.has("main"));
  const declared = isMain
    ? home.names.get(main ?? "")
    : lookUp(context, home, entry, ["run", "sweep"]);
  return declared?.kind === "run" || declared?.kind === "sweep" ? declared : undefined;
}

/** Values for a project that is not here: what the texts, numbers and truth values say for themselves. */
function readValues(
  context: CheckContext,
  home: ModuleScope,
  items: readonly SetItem[],
): Readonly<Record<string, Value>> {
  const values: [string, Value][] = [];
  for (const { key, value: node } of withoutTwins(context, home, items)) {
    const type = typeOfValue(node) ?? "string";
    const value = readValue(context, home.module, node, type, true);
    if (value !== undefined) values.push([key.text, value]);
  }
  return Object.fromEntries(values);
}

/** Says E0202 about a param that the sweep varies itself. */
function refuseVaried(
  context: CheckContext,
  home: ModuleScope,
  sweep: Extract<Declared, { readonly kind: "sweep" }>,
  sets: readonly SetItem[],
): void {
  const varied = new Map(
    ofKind(readable(sweep.node.block), "vary").map(({ param }) => [param.text, param]),
  );
  for (const { key } of sets) {
    const param = varied.get(key.text);
    if (!param) continue;
    const place = placeOf(sweep.home, param);
    const related = [{ place, note: `the sweep \`${sweep.node.name.text}\` varies it here` }];
    const about = { kind: "value of", name: key.text };
    say(context, "E0202", placeOf(home, key), about, { related });
  }
}

function setOf(
  context: CheckContext,
  home: ModuleScope,
  run: RunScope | undefined,
  items: readonly SetItem[],
): Readonly<Record<string, Value>> {
  const params = run?.params ?? new Map();
  return checkSetItems(context, { home, params, complete: run?.complete ?? false }, items);
}

function readBackend(context: CheckContext, home: ModuleScope, items: Items): Launch["backend"] {
  const item = only(context, home.module, items, "backend");
  if (!item) return { name: "local", config: undefined };
  const { name } = item;
  if (!backends.some((it) => it === name.text))
    sayUnknown(context, home, name, { kind: "backend", among: backends });
  return { name: name.text, config: item.config && fixedText(context, home.module, item.config) };
}
