/** Several changed surroundings as one world: variables, and the command that starts a step's own. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { World } from "../../run/world.ts";
import { type Layer, type Making, type Setting, type Surrounding, groupOf } from "./surrounding.ts";

export interface Worldly {
  readonly world: World;
  /** What the steps inherit: for `execute`. */
  readonly env: NodeJS.ProcessEnv;
  /** Where the project's copy goes: for `execute`, whose own to make and remove it is. */
  readonly scratch: string;
}

export interface WorldRequest extends Omit<Making, "folder" | "kept" | "round"> {
  /** Belongs to the caller; holds what the world needs while it is used, and the place of the execution. */
  readonly scratch: string;
  readonly kept?: ReadonlySet<string>;
  readonly round?: number;
}

/** All of `those` at once, none of which lacks anything here. Throws where two of them are of one group. */
export function worldOf(those: readonly Surrounding[], request: WorldRequest): Worldly {
  const { scratch, env, abilities, kept = new Set(), round = 0 } = request;
  refuseTwoOfAGroup(those);
  const folder = path.join(scratch, "world");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const settings = those.map((one) => one.make({ abilities, folder, env, kept, round }));
  const below = settings.find((setting) => setting.below !== undefined)?.below ?? "here";
  const place = path.join(scratch, below);
  return {
    world: {
      before: commandOf(settings.flatMap(({ layers = [] }) => layers.map(layerIn(place)))),
      env: Object.assign({}, ...settings.map(({ forced }) => forced), shimEnv(settings, request)),
    },
    env: Object.assign({ ...env }, ...settings.map((setting) => setting.env)),
    scratch: place,
  };
}

function layerIn(place: string): (layer: Layer) => Layer {
  return (layer) =>
    layer.kind === "mount" ? { ...layer, over: path.resolve(place, layer.over) } : layer;
}

function refuseTwoOfAGroup(those: readonly Surrounding[]): void {
  for (const [group, members] of Map.groupBy(those, groupOf))
    if (members.length > 1)
      throw new Error(`two of ${group}: ${members.map(({ name }) => name).join(", ")}`);
}

function shimEnv(
  settings: readonly Setting[],
  { abilities, env }: WorldRequest,
): Readonly<Record<string, string>> {
  const words = settings.flatMap((setting) => setting.words ?? []);
  const { shim } = abilities.has;
  const own = words.length > 0 && shim.kind === "there" ? [shim.at] : [];
  const preload = [...own, ...settings.flatMap((setting) => setting.preload ?? [])];
  if (preload.length === 0) return {};
  const inherited = env["LD_PRELOAD"] ? [env["LD_PRELOAD"]] : [];
  return { MLPIPE_WORLD: words.join(" "), LD_PRELOAD: [...preload, ...inherited].join(" ") };
}

/** Arguments: host name or nothing, pairs of what is mounted where, `--`, the command. */
const enter = `
[ -z "$1" ] || hostname "$1" || exit 125
shift
while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 125; shift 2; done
shift
exec "$@"`;

/** Wherever there is one at all; PATH may be another in the world. */
const shell = "/bin/sh";

/** Namespaces are the outermost; the user within them is who he was, unless he is to be another. */
function commandOf(layers: readonly Layer[]): readonly string[] {
  const of = <Kind extends Layer["kind"]>(kind: Kind) =>
    layers.filter((layer): layer is Extract<Layer, { readonly kind: Kind }> => layer.kind === kind);
  const [umask] = of("umask");
  const [processors] = of("processors");
  return [
    ...namespaceOf(of("host")[0]?.name, of("mount"), of("user")[0]?.id),
    ...(umask ? [shell, "-c", 'umask "$1"; shift; exec "$@"', shell, umask.mask] : []),
    ...(processors ? ["taskset", "-c", processors.list] : []),
    ...(of("fixed-memory").length > 0 ? ["setarch", "-R"] : []),
  ];
}

function namespaceOf(
  host: string | undefined,
  mounts: readonly Extract<Layer, { readonly kind: "mount" }>[],
  user: number | undefined,
): readonly string[] {
  if (host === undefined && mounts.length === 0 && user === undefined) return [];
  const own = process.getuid?.() ?? 0;
  const pairs = mounts.flatMap(({ from, over }) => [from, over]);
  const group = process.getgid?.() ?? 0;
  const enterAll = ["unshare", "-r", "--uts", "-m", shell, "-c", enter, shell, host ?? ""];
  const back = ["unshare", `--map-user=${user ?? own}`, `--map-group=${user ?? group}`];
  return [...enterAll, ...pairs, "--", ...back];
}
