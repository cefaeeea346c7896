/** What can be changed on this machine, and what takes effect: found out once a day. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { hostname, release } from "node:os";
import path from "node:path";
import { version } from "../../run/version.ts";
import { type Abilities, abilitiesFolder, findAbilities } from "./abilities.ts";
import { checkHost } from "./check-host.ts";
import { perturbations } from "./perturbations.ts";
import { stabilisers } from "./stabilisers.ts";

export interface KnownHost {
  readonly abilities: Abilities;
  /** Surroundings that take no effect here, by name, with the reason. */
  readonly notSeen: ReadonlyMap<string, string>;
}

const dayMs = 86_400_000;

/** Rejects where `signal` is aborted while it looks, and with the file system's errors. */
export async function knowHost(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<KnownHost> {
  const folder = abilitiesFolder(env);
  const abilities = await findAbilities(folder, env);
  const file = path.join(folder, `seen-${digestOf(env)}.json`);
  const known = readKnown(file);
  if (known) return { abilities, notSeen: new Map(known.notSeen) };
  const seen = await look(abilities, { folder, env, signal });
  // Cut short it has seen nothing, which is no answer.
  signal.throwIfAborted();
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, JSON.stringify(seen), { mode: 0o600 });
  renameSync(whole, file);
  return { abilities, notSeen: new Map(seen.notSeen) };
}

interface Kept {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly notSeen: readonly (readonly [name: string, why: string])[];
}

/** What the answers depend on. */
function digestOf(env: NodeJS.ProcessEnv): string {
  const names = Object.keys(env).filter((name) => /^(?:PATH|LANG|LC_|TZ|MLPIPE_R$)/u.test(name));
  const values = names.toSorted().map((name) => [name, env[name]]);
  const machine = [hostname(), release(), process.version, process.getuid?.()];
  const asked = [...perturbations, ...stabilisers].map(({ name, needs, seen }) => [
    name,
    needs,
    seen,
  ]);
  return createHash("sha256")
    .update(JSON.stringify([machine, values, version, asked]))
    .digest("hex")
    .slice(0, 16);
}

function readKnown(file: string): Kept | undefined {
  if (!existsSync(file)) return undefined;
  const kept = JSON.parse(readFileSync(file, "utf8")) as Kept;
  return Date.now() - kept.at < dayMs ? kept : undefined;
}

async function look(
  abilities: Abilities,
  {
    folder,
    env,
    signal,
  }: { readonly folder: string; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Kept> {
  const request = { abilities, env, scratch: folder, signal };
  const checked = [
    ...(await checkHost(perturbations, request)),
    ...(await checkHost(stabilisers, request)),
  ];
  const notSeen = checked.flatMap((one) =>
    one.kind === "works" ? [] : [[one.surrounding.name, one.why] as const],
  );
  return { at: Date.now(), notSeen };
}
