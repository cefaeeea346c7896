/** Query strings as MLflow's clients, old and new, write lists: `a=1&a=2`, `a[]=1&a[]=2`, `a[0]=1&a[1]=2`. */
import type { Field, Message } from "../shape.ts";

/** What a request's message is read from: a list for each field that is one, else the first value. */
export function readQuery(query: string, { fields }: Message): Readonly<Record<string, unknown>> {
  const given = new Map<string, string[]>();
  for (const [written, value] of new URLSearchParams(`&${query}`)) {
    const name = written.replace(/\[\d*\]$/, "");
    // protobuf's other names, such as runId, are for bodies only.
    if (/[A-Z]/.test(name)) continue;
    const values = given.get(name);
    if (values === undefined) given.set(name, [value]);
    else values.push(value);
  }
  const entries = [...given].map(([name, values]) => [
    name,
    isList(fields[name]) ? values : values[0],
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, unknown>>;
}

function isList(field: Field | undefined): boolean {
  const shape = field?.kind === "optional" || field?.kind === "preset" ? field.shape : field;
  return shape?.kind === "list";
}
