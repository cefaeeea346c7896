/** The `set` lines of sweeps and launches: params that there are (E0201), once (E0202), typed (E0301), in domain (E0304). */
import type { Place } from "../source/text.ts";
import type { Key, SetItem } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { contains, describeDomain, describeValue } from "./domain.ts";
import type { Param, Value } from "./program.ts";
import { type ModuleScope, placeOf, sayUnknown } from "./scope.ts";
import { readValue } from "./values.ts";

/** The params that may be set. `complete`: false where some could not be read. */
export interface Settable {
  readonly home: ModuleScope;
  readonly params: ReadonlyMap<string, Param>;
  readonly complete: boolean;
}

/** Values by name, of the lines in which nothing was wrong. */
export function checkSetItems(
  context: CheckContext,
  scope: Settable,
  items: readonly SetItem[],
): Readonly<Record<string, Value>> {
  const values: [string, Value][] = [];
  for (const item of withoutTwins(context, scope.home, items)) {
    const value = checkSetItem(context, scope, item);
    if (value !== undefined) values.push([item.key.text, value]);
  }
  return Object.fromEntries(values);
}

/** The first line of each param; E0202 for further ones. */
export function withoutTwins(
  context: CheckContext,
  home: ModuleScope,
  items: readonly SetItem[],
): readonly SetItem[] {
  const first = new Map<string, Key>();
  return items.filter(({ key }) => {
    const earlier = first.get(key.text);
    if (earlier) sayGivenTwice(context, home, earlier, key);
    else first.set(key.text, key);
    return !earlier;
  });
}

/** Says E0202 about a param that is given, varied or both, for a second time. */
export function sayGivenTwice(
  context: CheckContext,
  home: ModuleScope,
  first: Pick<Key, "span">,
  second: Pick<Key, "span" | "text">,
): void {
  const related = [{ place: placeOf(home, first), note: "it is first given here" }];
  const about = { kind: "value of", name: second.text };
  say(context, "E0202", placeOf(home, second), about, { related });
}

function checkSetItem(
  context: CheckContext,
  { home, params, complete }: Settable,
  { key, value: node }: SetItem,
): Value | undefined {
  const param = params.get(key.text);
  if (!param) {
    if (complete) sayUnknown(context, home, key, { kind: "param", among: params.keys() });
    return undefined;
  }
  const value = readValue(context, home.module, node, param.type, param.nullable);
  if (value === undefined || isAllowed(param, value)) return value;
  sayOutside(context, home, { node, keyword: "set", param, value: describeValue(value) });
  return undefined;
}

/** Whether `value`, of the param's type, lies in its domain; null lies in every domain of a param that may be null. */
export function isAllowed({ domain }: Pick<Param, "domain">, value: Value): boolean {
  return value === null || !domain || contains(domain, value);
}

/** Says E0304. */
export function sayOutside(
  context: CheckContext,
  home: ModuleScope,
  about: {
    readonly node: Pick<Key, "span">;
    readonly keyword: "set" | "vary";
    readonly param: Param;
    /** What is outside, as the language writes it or in words. */
    readonly value: string;
  },
): void {
  const { node, keyword, param, value } = about;
  const domain = param.domain ? describeDomain(param.domain) : "";
  const related = [{ place: param.place, note: "the param is declared here" }];
  const parameters = { name: param.name, value, domain, keyword };
  say(context, "E0304", placeOf(home, node), parameters, { related });
}

/** Says E0306 for each param that has no value: no default, and not among `given`. */
export function checkRequired(
  context: CheckContext,
  place: Place,
  about: {
    readonly where: string;
    readonly params: Iterable<Param>;
    readonly given: ReadonlySet<string>;
  },
): void {
  for (const { name, default: value } of about.params)
    if (value === undefined && !about.given.has(name))
      say(context, "E0306", place, { kind: "param", name, where: about.where });
}
