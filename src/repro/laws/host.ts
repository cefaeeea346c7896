/** What this machine can change around an execution; looked at once in the life of this process. */
import type { Abilities } from "../world/abilities.ts";
import { knowHost } from "../world/known-host.ts";
import { perturbations } from "../world/perturbations.ts";
import type { Surrounding } from "../world/surrounding.ts";

export interface Host {
  readonly abilities: Abilities;
  readonly surroundings: readonly Surrounding[];
  /** What it cannot change; `why`: a clause. */
  readonly unchanged: readonly { readonly changes: string; readonly why: string }[];
}

const known = new Map<string, Promise<Host>>();

/** It takes seconds the first time, and is never given up: the next to ask needs it too. Rejects with the file system's errors. */
export function hostFor(env: NodeJS.ProcessEnv): Promise<Host> {
  const key = JSON.stringify(Object.entries(env).toSorted());
  const found = known.get(key) ?? lookAtHost(env);
  known.set(key, found);
  return found;
}

/** Undefined where the signal comes first. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => resolve(undefined);
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}

async function lookAtHost(env: NodeJS.ProcessEnv): Promise<Host> {
  const { abilities, notSeen } = await knowHost(env, new AbortController().signal);
  return {
    abilities,
    surroundings: perturbations.filter(({ name }) => !notSeen.has(name)),
    unchanged: perturbations.flatMap(({ name, changes }) => {
      const why = notSeen.get(name);
      return why === undefined ? [] : [{ changes, why }];
    }),
  };
}
