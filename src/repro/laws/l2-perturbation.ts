/** L2: what lies around a run is none of its business. */
import type { Law } from "./law.ts";

export const perturbation: Law = {
  id: "L2",
  title: "perturbation",
  counted: "case",
  executions: "shared",
  statement:
    "time zone, locale, collation, home, machine, user, folder, umask, directory order and variables change no result",
  explanation: `The run is executed in plain surroundings and with all of these changed at once; what excludes one another (two sides of UTC, three locales) comes in turn. Where both agree nothing else is done. Where they differ, the changes are halved until none can be left out (delta debugging), and the values of the params are made as usual as they can be; then that change is left out, and the rest is tried on.

What a run with \`reproducible\` pins (TZ, LANG, LC_COLLATE, threads) stays pinned, so changes of it rightly do nothing. What this machine cannot change is named, and not held to have no effect.

What to do: write \`reproducible exact\` in the run, which pins the most common ones, or name the zone, the locale or the order in the code.`,
  check: ({ agreement }) => agreement.outcomeOf("L2"),
};
