/** What a checked program cannot lack. */

/** Element `name` of the map; throws where there is none, which is a bug. */
export function required<T>(map: ReadonlyMap<string, T>, name: string): T {
  const found = map.get(name);
  if (found === undefined) throw new Error(`the checked program lacks ${name}`);
  return found;
}
