/** E0201–E0205: names, scopes and imports. */
import { message } from "../message.ts";

export const namesMessages = {
  E0201: message<{
    /** What it should be: "step", "run", "compare or sweep", "param", … */
    kind: string;
    name: string;
    suggestion: string | undefined;
    /** All that would do, for when there are few. */
    known: readonly string[];
    /** What the name is instead, where it is something. */
    actual: string | undefined;
  }>({
    severity: "error",
    title: "unknown name",
    say: ({ kind, name, suggestion, actual }) =>
      (actual
        ? `\`${name}\` is a ${actual}, not a ${kind}`
        : `there is no ${kind} \`${name}\` here`) +
      (suggestion ? `; did you mean \`${suggestion}\`?` : ""),
    fix: ({ kind, known, suggestion }) => {
      if (suggestion) return "";
      if (known.length === 0) return `no ${kind} is known here`;
      const some = known.slice(0, 8).map((it) => `\`${it}\``);
      return `known here: ${some.join(", ")}${known.length > 8 ? ", …" : ""}`;
    },
    page: "The name is declared nowhere that this place can see. Names of a run's steps and params are seen in that run; runs, templates, sweeps and compares are seen in their whole file and where they are imported.",
    wrong: undefined,
    right: undefined,
  }),
} as const;
