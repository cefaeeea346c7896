/** Finds the route of a request: whatever is not in the table is not served. */
import type { Asked, Route } from "./route.ts";

export interface Found {
  readonly route: Route;
  readonly params: Asked["params"];
}

/** `path` is what was sent, without its query. Throws URIError where a part of it cannot be decoded. */
export type FindRoute = (
  verb: string,
  path: string,
) => Found | { readonly allowed: readonly string[] };

type ByVerb = ReadonlyMap<string, Route>;

interface Pattern {
  readonly shape: RegExp;
  readonly names: readonly string[];
  readonly byVerb: ByVerb;
}

/** `allowed`, of what was not found: the verbs with which there is something at that address. */
export function indexRoutes(routes: readonly Route[]): FindRoute {
  const all = Map.groupBy(routes, ({ path }) => path);
  const byPath = new Map([...all].map(([path, group]) => [path, indexVerbs(group)]));
  const patterns = [...byPath].filter(([path]) => /[:*]/.test(path)).map(readPattern);
  return (verb, path) => {
    const byVerb = byPath.get(path);
    if (byVerb !== undefined) return pick(byVerb, verb, {});
    for (const { shape, names, byVerb: below } of patterns) {
      const parts = shape.exec(path);
      if (parts === null) continue;
      const values = names.map((name, at) => [name, decodeURIComponent(parts[at + 1] ?? "")]);
      return pick(below, verb, Object.fromEntries(values) as Asked["params"]);
    }
    return { allowed: [] };
  };
}

function indexVerbs(routes: readonly Route[]): ByVerb {
  return new Map(routes.map((route) => [route.verb, route]));
}

function pick(byVerb: ByVerb, verb: string, params: Asked["params"]): ReturnType<FindRoute> {
  const route = byVerb.get(verb);
  return route === undefined ? { allowed: [...byVerb.keys()] } : { route, params };
}

function readPattern([path, byVerb]: readonly [string, ByVerb]): Pattern {
  const names: string[] = [];
  const source = path.replace(/[.]|:(\w+)|\*$/g, (match, name: string | undefined) => {
    if (match === ".") return "\\.";
    names.push(name ?? "*");
    return match === "*" ? "(.*)" : "([^/]+)";
  });
  return { shape: new RegExp(`^${source}$`, "s"), names, byVerb };
}
