import { fileURLToPath } from "node:url";
import { defineConfig } from "rolldown";

/** The build of yaml as ES modules, of which only what is used is taken. */
const yaml = fileURLToPath(new URL("node_modules/yaml/browser/index.js", import.meta.url));

/** Few files start faster than many: the command, the API and R's host in one graph, what is rarely needed in chunks of its own. */
const command = defineConfig({
  input: {
    "cli/bin": "src/cli/bin.ts",
    "cli/mlflow-bin": "src/cli/mlflow-bin.ts",
    "run/webr-host": "src/run/webr-host.ts",
    index: "src/index.ts",
    reproduce: "src/reproduce.ts",
    vitest: "src/vitest.ts",
  },
  platform: "node",
  resolve: { alias: { yaml } },
  external: ["undici", "zx", "webr", "fast-check", "vitest"],
  output: {
    dir: "dist",
    format: "esm",
    // A package that is quick to fetch; functions keep their names, by which a bug is reported.
    minify: { compress: false, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
    entryFileNames: "[name].js",
    // One folder below dist, as the sources are one below src: paths relative to a file hold in both.
    chunkFileNames: "run/[name]-[hash].js",
    // What a run needs comes in three chunks, each with all that it imports.
    codeSplitting: {
      groups: [
        { name: "main", test: /src\/cli\/main\.ts$/, priority: 3 },
        { name: "language", test: /src\/compile\.ts$/, priority: 2 },
        {
          name: "run",
          test: /src\/(cli\/commands\/run|tracking\/store\/open-store)\.ts$/,
          priority: 1,
        },
      ],
    },
  },
});

/**
 * What a step of Node loads, in a folder of its own: what lies there is no file of the user's. As CommonJS, since an `import` of
 * `node:fs` reads all that it exports, and so loads Node's streams and promises: half of what a step takes to start.
 */
const runtime = defineConfig({
  input: "stdlib/node/runtime.mjs",
  platform: "node",
  output: { file: "dist/step/runtime.cjs", format: "cjs", codeSplitting: false, minify: true },
});

export default [command, runtime];
