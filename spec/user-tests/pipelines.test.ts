import { test as property } from "@fast-check/vitest";
import { type Pipeline, laws, pipeline } from "mlpipe/vitest";
import { describe, expect, test } from "vitest";

const [steady, hour, moment, dead, secretive, broken] = (await Promise.all(
  ["steady", "hour", "moment", "dead", "secretive", "broken"].map((run) =>
    pipeline("user.mlpipe", run),
  ),
)) as readonly Pipeline[] as [Pipeline, Pipeline, Pipeline, Pipeline, Pipeline, Pipeline];
const rounded = await pipeline("user.mlpipe", "rounded");

const recorded = (name: string): string => process.env[`RUN_OF_${name}`] ?? "none";

describe("holds", () => {
  test("toRepeat", async () => {
    await expect(steady).toRepeat();
    await expect(moment).not.toRepeat();
  });
  test("toRepeat of a model within its tolerance", async () => {
    await expect(rounded).toRepeat();
  });
  property.prop([steady.params()], { numRuns: 3 })("toRepeat of drawn values", async (params) => {
    await expect(steady.with(params)).toRepeat();
  });
  test("toBeReproducible", async () => {
    await expect(steady).toBeReproducible({ vary: "all", cases: 2, seed: 7 });
    await expect(hour).not.toBeReproducible({ vary: ["surroundings"] });
  });
  test("toBeReproducible in the time there is", async () => {
    await expect(hour).toBeReproducible({ vary: ["params"], cases: 500, budgetMs: 6000, seed: 7 });
  });
  test("toHaveNoDeadParams", async () => {
    await expect(steady).toHaveNoDeadParams();
    await expect(dead).not.toHaveNoDeadParams();
  });
  test("toReadOnlyDeclaredFiles", async () => {
    await expect(steady).toReadOnlyDeclaredFiles();
    await expect(steady.step("size")).toReadOnlyDeclaredFiles();
    await expect(secretive).not.toReadOnlyDeclaredFiles();
  });
  test("toReplay", async () => {
    await expect(recorded("steady")).toReplay();
    await expect(recorded("moment")).not.toReplay();
  });
  test("execute", async () => {
    await using executed = await steady.with({ scale: 0.25 }).execute();
    expect(executed.metrics).toEqual({ size: 0.5 });
    await expect(
      import("node:fs/promises").then(({ readFile }) =>
        readFile(executed.artifacts["twice"] ?? "", "utf8"),
      ),
    ).resolves.toContain("0.5");
  });
});

laws(steady, {
  skip: ["L2", "L7", "L8", "L10", "L12", "L13"],
  cases: 2,
  seed: 7,
  budgetMs: 200_000,
});

describe("is broken", () => {
  test("toRepeat", async () => {
    await expect(moment).toRepeat();
  });
  test("toBeReproducible", async () => {
    await expect(hour).toBeReproducible({ vary: ["surroundings"], seed: 7 });
  });
  test("toHaveNoDeadParams", async () => {
    await expect(dead.with({ alive: 2 })).toHaveNoDeadParams({ seed: 7 });
  });
  test("toReadOnlyDeclaredFiles", async () => {
    await expect(secretive.step("secretive")).toReadOnlyDeclaredFiles();
  });
  test("toReplay", async () => {
    await expect(recorded("moment")).toReplay();
  });
  test("not toRepeat", async () => {
    await expect(steady).not.toRepeat();
  });
});

describe("cannot be said", () => {
  test("of a run that fails", async () => {
    await expect(broken).not.toRepeat();
  });
  test("of params that there are none of", async () => {
    await expect(moment).not.toHaveNoDeadParams();
  });
  test("in no time", async () => {
    await expect(steady).not.toBeReproducible({ budgetMs: 1 });
  });
  test("in more time than the test has", { timeout: 3000 }, async () => {
    await expect(steady).not.toRepeat({ budgetMs: 5000 });
  });
  test("of a number", async () => {
    await expect(7).not.toRepeat();
  });
  test("of one step, but its files", async () => {
    await expect(steady.step("size")).not.toRepeat();
  });
  test("of a run that is not recorded", async () => {
    await expect("0123456789abcdef0123456789abcdef").not.toReplay();
  });
});

/** Never called: what the types refuse. */
export async function refused(): Promise<void> {
  // @ts-expect-error: nothing is called that
  await expect(steady).toBeReproducible({ vary: ["weather"] });
  // @ts-expect-error: there is no such law
  laws(steady, { skip: ["L99"] });
  // @ts-expect-error: values are texts, numbers, booleans, null or lists
  steady.with({ scale: undefined });
}
