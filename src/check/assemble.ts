/** Last pass: what was checked is put together as the program of the file that was asked for. */
import type { Loaded } from "../syntax/load.ts";
import { checkCompare } from "./compare.ts";
import { type CheckContext, say } from "./context.ts";
import type { RunDrafts } from "./draft.ts";
import { checkLaunch } from "./launch.ts";
import type { Compare, Experiment, Launch, Program, Project, Run, Sweep } from "./program.ts";
import { type CheckedRuns, type Declared, type ModuleScope, placeOf } from "./scope.ts";
import { checkSweep } from "./sweep.ts";

/** Sweeps, comparisons and launches of all files, by their nodes. */
export interface ManyRuns {
  readonly sweeps: ReadonlyMap<Declared["node"], Sweep>;
  readonly compares: ReadonlyMap<Declared["node"], Compare>;
  readonly launches: ReadonlyMap<Declared["node"], Launch>;
}

export function checkMany(
  context: CheckContext,
  homes: Iterable<ModuleScope>,
  runs: CheckedRuns,
  main: string | undefined,
): ManyRuns {
  const sweeps = new Map<Declared["node"], Sweep>();
  const compares = new Map<Declared["node"], Compare>();
  const launches = new Map<Declared["node"], Launch>();
  for (const home of homes)
    for (const declared of home.own.values()) {
      const { kind, node } = declared;
      const sweep = kind === "sweep" ? checkSweep(context, declared, runs) : undefined;
      if (sweep) sweeps.set(node, sweep);
      if (kind === "compare") compares.set(node, checkCompare(context, declared, runs));
      if (kind === "launch") launches.set(node, checkLaunch(context, declared, runs, main));
    }
  return { sweeps, compares, launches };
}

/** What the entry file declares and imports, and what that needs in turn. Two needed ones of one name are E0202. */
export function reachableFrom(
  context: CheckContext,
  entry: ModuleScope,
  drafts: RunDrafts,
): ReadonlyMap<string, Declared> {
  const reached = new Map(entry.names);
  const waiting = [...entry.names.values()];
  for (let next = waiting.shift(); next; next = waiting.shift())
    for (const needed of neededBy(next, drafts)) {
      const name = needed.node.name.text;
      const known = reached.get(name);
      if (!known) waiting.push(needed);
      if (!known) reached.set(name, needed);
      else if (known.node !== needed.node) sayTwice(context, needed, known);
    }
  return reached;
}

function neededBy(declared: Declared, drafts: RunDrafts): readonly Declared[] {
  const found = (home: ModuleScope, names: readonly string[]) =>
    names.flatMap((name) => home.names.get(name) ?? []);
  const { home } = declared;
  switch (declared.kind) {
    case "run": {
      const steps = [...(drafts.get(declared.node)?.steps.values() ?? [])];
      return steps.flatMap(({ parts }) =>
        parts.inputs.flatMap(({ from, home: its }) => {
          if (from.kind === "run") return found(its, [from.run.text]);
          return from.kind === "best" ? found(its, [from.of.text]) : [];
        }),
      );
    }
    case "sweep":
      return found(home, [declared.node.of.text]);
    case "compare":
      return found(
        home,
        declared.node.block.items.flatMap((it) =>
          it.kind === "runs" ? it.names.map(({ text }) => text) : [],
        ),
      );
    case "launch":
      return found(
        home,
        declared.node.block.items.flatMap((it) => (it.kind === "entry" ? [it.name.text] : [])),
      );
    case "template":
      return [];
    default:
      return declared satisfies never;
  }
}

function sayTwice(context: CheckContext, second: Declared, first: Declared): void {
  const { kind, node, home } = second;
  const place = placeOf(first.home, first.node.name);
  const related = [{ place, note: `another ${first.kind} of that name is needed too` }];
  const about = { kind, name: node.name.text };
  say(context, "E0202", placeOf(home, node.name), about, { related });
}

/** The program; all its parts are free of errors by now. */
export function assemble(
  loaded: Loaded,
  parts: {
    readonly entry: ModuleScope;
    readonly project: Project;
    readonly experiment: Experiment | undefined;
    readonly reached: ReadonlyMap<string, Declared>;
    readonly runs: CheckedRuns;
    readonly many: ManyRuns;
  },
): Program {
  const { entry, reached, runs, many } = parts;
  const pick = <T>(all: ReadonlyMap<Declared["node"], T>): ReadonlyMap<string, T> =>
    new Map(
      [...reached].flatMap(([name, { node }]) => {
        const one = all.get(node);
        return one === undefined ? [] : [[name, one] as const];
      }),
    );
  const allRuns = new Map<Declared["node"], Run>([...runs].map(([node, { run }]) => [node, run]));
  return {
    edition: 1,
    file: entry.path,
    project: parts.project,
    experiment: parts.experiment,
    runs: pick(allRuns),
    sweeps: pick(many.sweeps),
    compares: pick(many.compares),
    launches: pick(many.launches),
    own: [...entry.own].filter(([, { kind }]) => kind !== "template").map(([name]) => name),
    sources: [...loaded.modules].map(([path, { source }]) => ({ path, text: source.text })),
  };
}
