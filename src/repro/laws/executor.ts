/** Executions for the laws: at most two at once, each in one of two places, what they gave kept until nobody needs it. */
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { RunPlan } from "../../plan/plan.ts";
import type { RunEvent } from "../../run/event.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { execute } from "../execute.ts";
import type { Output, Results } from "../results.ts";
import { type StepTrace, readTrace } from "../trace/read-trace.ts";
import { findMeans, traced } from "../trace/traced.ts";
import type { Abilities } from "../world/abilities.ts";
import type { Surrounding } from "../world/surrounding.ts";
import { worldOf } from "../world/world-of.ts";
import { OutOfTime } from "./out-of-time.ts";

/** All of it is optional: the step's surroundings are those of this process, one step at a time. */
export interface Manner {
  readonly surroundings?: readonly Surrounding[];
  /** Where there are many of a kind, such as times: which; from 0. */
  readonly round?: number;
  readonly jobs?: number;
  /** In this place, when it is free: executions that shall not differ by their folder are given the same. */
  readonly place?: Place;
  /** What its steps do is written down. */
  readonly isTraced?: boolean;
}
type Place = "one" | "two";

/** An execution whose files lie where nothing writes any more. */
export interface Kept {
  readonly results: Results;
  readonly events: readonly RunEvent[];
  /** Of its steps, where they were traced. */
  readonly traces: readonly StepTrace[];
  /** The folder of what a step read and wrote. */
  readonly folderOf: (step: string) => string;
  /** When it began, as `performance.now` has it. */
  readonly began: number;
  readonly remove: () => Promise<void>;
}

export interface Executor {
  /** Rejects with OutOfTime where the signal came first. */
  readonly execute: (plan: RunPlan, manner?: Manner) => Promise<Kept>;
  /** How many there were. */
  readonly count: () => number;
  /** One was made elsewhere. */
  readonly countOther: () => void;
}

export interface ExecutorOptions {
  /** The project's folder. */
  readonly project: string;
  /** Belongs to the executor. */
  readonly scratch: string;
  readonly env: NodeJS.ProcessEnv;
  readonly abilities: Abilities;
  readonly origin: Tracking | undefined;
  readonly signal: AbortSignal;
  /** Hears that one begins. */
  readonly begun: () => void;
}

export function openExecutor(options: ExecutorOptions): Executor {
  const places = openPlaces();
  let count = 0;
  return {
    count: () => count,
    countOther() {
      count++;
      options.begun();
    },
    async execute(plan, manner = {}) {
      const place = await places.take(manner.place);
      try {
        if (options.signal.aborted) throw new OutOfTime();
        const number = count++;
        options.begun();
        return await executeAt(place, number, plan, manner, options);
      } finally {
        places.giveBack(place);
      }
    },
  };
}

async function executeAt(
  place: Place,
  number: number,
  plan: RunPlan,
  { surroundings = [], round = 0, jobs = 1, isTraced = false }: Manner,
  { project, scratch, env, abilities, origin, signal }: ExecutorOptions,
): Promise<Kept> {
  const folder = path.join(scratch, place);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const kept = secretsOf(plan);
  const there = worldOf(surroundings, { scratch: folder, env, abilities, kept, round });
  const events: RunEvent[] = [];
  const began = performance.now();
  const { results, folderOf } = await execute({
    ...there,
    world: isTraced ? traced(there.world, await findMeans(env)) : there.world,
    plan,
    project,
    jobs,
    signal,
    ...(origin ? { origin } : {}),
    listener: (event) => events.push(event),
  });
  if (signal.aborted) throw new OutOfTime();
  const names = isTraced ? results.steps.map(({ step }) => step) : [];
  const traces = await Promise.all(names.map((step) => readTrace(folderOf(step))));
  const target = path.join(scratch, String(number));
  await rename(folder, target);
  const moved = (file: string): string => path.join(target, path.relative(folder, file));
  return {
    results: movedResults(results, moved),
    events,
    traces: traces.filter((trace) => trace !== undefined),
    folderOf: (step) => moved(folderOf(step)),
    began,
    remove: () => rm(target, { recursive: true, force: true }),
  };
}

function secretsOf(plan: RunPlan): ReadonlySet<string> {
  const steps = plan.actions.filter((action) => action.kind === "step");
  return new Set(steps.flatMap(({ secrets }) => secrets.map(({ from }) => from)));
}

function movedResults(results: Results, moved: (file: string) => string): Results {
  const move = (output: Output): Output =>
    output.kind === "metric" ? output : { ...output, path: moved(output.path) };
  return {
    ...results,
    steps: results.steps.map((step) => ({ ...step, outputs: step.outputs.map(move) })),
  };
}

interface Places {
  readonly take: (place: Place | undefined) => Promise<Place>;
  readonly giveBack: (place: Place) => void;
}

function openPlaces(): Places {
  const free = new Set<Place>(["one", "two"]);
  const waiting: { readonly wants: Place | undefined; readonly go: (place: Place) => void }[] = [];
  const serve = (): void => {
    for (const [at, { wants, go }] of waiting.entries()) {
      const place = wants === undefined ? [...free][0] : free.has(wants) ? wants : undefined;
      if (place === undefined) continue;
      free.delete(place);
      waiting.splice(at, 1);
      go(place);
      return serve();
    }
  };
  return {
    take: (wants) =>
      new Promise((go) => {
        waiting.push({ wants, go });
        serve();
      }),
    giveBack(place) {
      free.add(place);
      serve();
    },
  };
}
