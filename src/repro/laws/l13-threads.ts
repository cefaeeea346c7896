/** L13: how many threads and processors there are shows nowhere. */
import type { Law } from "./law.ts";

export const threads: Law = {
  id: "L13",
  title: "threads",
  counted: "case",
  executions: "shared",
  statement: "the number of threads and processors changes no result beyond its tolerance",
  explanation: `The run is executed with other numbers of threads (OMP_NUM_THREADS and its kin) and of processors, as the scheduler and as /proc/cpuinfo tell them, for R counts by the one and Node by the other. A run with \`reproducible\` pins the threads to one, so only the processors are left to show.

Work that is split by \`detectCores()\` or \`availableParallelism()\` gives other sums and other random numbers. What to do: give a fixed number of workers (\`mc.cores = 2\`), or state by how much a metric, or what a model with a \`probe\` predicts, may move: \`reproducible { rmse within 1e-9 rel }\`.`,
  check: ({ agreement }) => agreement.outcomeOf("L13"),
};
