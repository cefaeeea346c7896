import { configDefaults, defineConfig } from "vitest/config";

/** What takes long, and breaks seldom without another test telling first: left to `npm test`. */
const slow = [
  "spec/mlflow-*.spec.ts",
  "spec/databricks-*.spec.ts",
  "spec/{r-mlflow,r-real-mlflow,r-standins}*.spec.ts",
  "spec/r-workshop*.spec.ts",
  "spec/{launch,run-lineage,run-with-deps,project-git,project-zip,project-environment,project-run}.spec.ts",
  "spec/transfer-*.spec.ts",
  "spec/{run-bad-input,run-features,run-interrupted,run-offline,server-command,server-limits,eject}.spec.ts",
  "spec/{cli-commands,compared-r-objects,parse-laws,query-runs,r-exact,r-outputs}.spec.ts",
  "spec/{manifest,replay*}.spec.ts",
  "spec/{server,store}-crash.spec.ts",
  "spec/store-search-plans.spec.ts",
  "spec/cache-{commands,laws}.spec.ts",
  "spec/verify-*.spec.ts",
  "spec/{resume,sweep,worlds,diagnose,why-runs}.spec.ts",
  "spec/{trace,corpus}*.spec.ts",
  "spec/live-terminal.spec.ts",
  "spec/{compare-browser,verdict-browser,verdict-report,docs,package,std-models,webr}.spec.ts",
];

export default defineConfig(({ mode }) => ({
  test: {
    globalSetup: "spec/support/own-temp.ts",
    include: ["spec/**/*.spec.ts"],
    exclude: mode === "everyday" ? [...configDefaults.exclude, ...slow] : configDefaults.exclude,
    sequence: { shuffle: true },
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Tests wait for processes of their own more than they compute.
    maxWorkers: "100%",
  },
}));
