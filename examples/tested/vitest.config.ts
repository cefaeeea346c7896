import { defineConfig } from "vitest/config";

export default defineConfig({
  // A pipeline takes longer than a function; a budget must fit into the time of its test.
  test: { testTimeout: 240_000 },
});
