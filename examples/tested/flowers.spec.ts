import { test as property } from "@fast-check/vitest";
import { laws, pipeline } from "mlpipe/vitest";
import { expect, test } from "vitest";

const nearest = await pipeline("flowers.mlpipe", "nearest");
const width = await pipeline("flowers.mlpipe", "width");

test("nine of ten flowers are told by their one nearest neighbour", async () => {
  await using executed = await nearest.with({ k: 1 }).execute();
  expect(executed.metrics["accuracy"]).toBeGreaterThan(0.9);
});

property.prop([nearest.params()], { numRuns: 4 })(
  "flowers are told in the same way twice, whoever is asked",
  async (params) => {
    await expect(nearest.with(params)).toRepeat();
  },
);

test("where and when flowers are told does not matter", async () => {
  await expect(nearest).toBeReproducible({ vary: "all", cases: 4, budgetMs: 60_000 });
});

test("every param does something", async () => {
  await expect(nearest).toHaveNoDeadParams();
});

test("flowers are told from the split alone", async () => {
  await expect(nearest.step("guess")).toReadOnlyDeclaredFiles();
});

laws(width, { skip: ["L8", "L14"], budgetMs: 180_000 });
