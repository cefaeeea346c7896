/** Whether changed surroundings really take effect on this machine: R and Node are asked what they see in them. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { findR } from "../../run/r.ts";
import { commandIn } from "../../run/world.ts";
import { stdlib } from "../shipped.ts";
import type { Abilities } from "./abilities.ts";
import { roundsOf } from "./perturbations.ts";
import { type Surrounding, missingFor } from "./surrounding.ts";
import { type Worldly, worldOf } from "./world-of.ts";

export type Looker = "R" | "Node";

export type Checked =
  /** `seenBy`: empty where nothing of it can be seen from within. */
  | {
      readonly kind: "works";
      readonly surrounding: Surrounding;
      readonly seenBy: readonly Looker[];
    }
  /** `why`: one clause. */
  | { readonly kind: "not-checked"; readonly surrounding: Surrounding; readonly why: string };

export interface HostRequest {
  readonly abilities: Abilities;
  readonly env: NodeJS.ProcessEnv;
  /** An empty folder is made in it, and removed. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

type Sight = ReadonlyMap<string, string>;
type Sights = ReadonlyMap<Looker, Sight>;

/** In the order of `those`. As many pairs of processes as the largest group has members, and one more; two at once. */
export async function checkHost(
  those: readonly Surrounding[],
  request: HostRequest,
): Promise<readonly Checked[]> {
  const scratch = await mkdtemp(path.join(request.scratch, "look-"));
  try {
    // R that is killed leaves its own folder where folders for temporary files lie.
    const temporary = path.join(scratch, "temporary");
    await mkdir(temporary);
    const looking = { ...request, env: { ...request.env, TMPDIR: temporary } };
    const possible = those.filter((one) => missingFor(one, request.abilities) === undefined);
    const plain = await look([], { ...looking, scratch: path.join(scratch, "plain") });
    const found = new Map<Surrounding, readonly Looker[] | undefined>();
    for (const [at, round] of roundsOf(possible).entries()) {
      const sights = await look(round, { ...looking, scratch: path.join(scratch, `${at}`) });
      for (const one of round) found.set(one, seenBy(one, plain, sights) ?? found.get(one));
    }
    return those.map((one) => judge(one, request.abilities, found.get(one)));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function judge(
  surrounding: Surrounding,
  abilities: Abilities,
  lookers: readonly Looker[] | undefined,
): Checked {
  const absent = missingFor(surrounding, abilities);
  if (absent !== undefined) return { kind: "not-checked", surrounding, why: absent };
  if (lookers === undefined)
    return { kind: "not-checked", surrounding, why: "neither R nor Node sees the change here" };
  return { kind: "works", surrounding, seenBy: lookers };
}

/** Undefined: it ought to be seen, and nobody sees it. */
function seenBy({ seen }: Surrounding, plain: Sights, now: Sights): readonly Looker[] | undefined {
  if (seen.length === 0) return [];
  const lookers = [...plain.keys()].filter((looker) =>
    seen.some((name) => {
      const value = now.get(looker)?.get(name);
      return value !== undefined && value !== plain.get(looker)?.get(name);
    }),
  );
  return lookers.length > 0 ? lookers : undefined;
}

async function look(those: readonly Surrounding[], request: HostRequest): Promise<Sights> {
  const worldly = worldOf(those, request);
  await mkdir(worldly.scratch, { recursive: true });
  // In an order that is neither from a to z nor from z to a, nor the one in which they are made.
  for (const name of ["b", "e", "a", "f", "c", "d"])
    await writeFile(path.join(worldly.scratch, name), "");
  const found = await Promise.all(
    Object.entries(commandsOf(worldly.env)).map(async ([looker, command]) => {
      const sight = await ask(command, worldly, request.signal);
      return [looker as Looker, sight] as const;
    }),
  );
  return new Map(found);
}

function commandsOf(env: NodeJS.ProcessEnv): Partial<Record<Looker, readonly string[]>> {
  const r = findR(env);
  return {
    Node: [process.execPath, path.join(stdlib, "node", "look.mjs")],
    ...(r.kind === "rscript" ? { R: [r.path, path.join(stdlib, "r", "look.R")] } : {}),
  };
}

/** What is not seen, for whatever reason, is not in the answer. */
async function ask(
  [file = "", ...args]: readonly string[],
  { world, env, scratch }: Worldly,
  signal: AbortSignal,
): Promise<Sight> {
  const runtime = { env: {}, runtime: "", tellsVersion: true };
  const command = commandIn(world, { file, args, ...runtime });
  const child = spawn(command.file, command.args, {
    cwd: scratch,
    env: { ...env, ...world.env } as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "ignore"],
    signal,
  });
  child.on("error", () => {});
  const lines = (await text(child.stdout)).split("\n").filter((line) => line.includes("\t"));
  return new Map(lines.map((line) => line.split("\t") as [string, string]));
}
