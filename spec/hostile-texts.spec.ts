/** Texts made to keep a server busy: each is refused in time that grows with its length, where its square would never end. */
import { describe, expect, test } from "vitest";
import { endpoints } from "../src/tracking/endpoints.ts";
import { parseJson } from "../src/tracking/json.ts";
import { readMessage } from "../src/tracking/read-message.ts";
import { failureOf, storeWithRun } from "./support/store.ts";

const many = 2_000_000;

describe("a text of two million characters", () => {
  test("that is nearly a number is no number", () => {
    const value = `${"1".repeat(many)}x`;
    const request = { run_id: "r", key: "k", value, timestamp: 1 };
    const read = (): unknown =>
      readMessage(endpoints["runs/log-metric"].request, request, { name: "the request" });
    expect(read).toThrow("value is no number");
  });

  test.each(['{"a":NaN,"b":"', '\\"', '"\\'])(
    "that begins with %s and never ends is no JSON",
    (start) => {
      expect(() => parseJson(start.padEnd(many, '\\"'))).toThrow(SyntaxError);
    },
  );

  test("that is nearly a number is no search", async () => {
    const { tracking, experimentId } = await storeWithRun();
    const filter = `metrics.a > ${"1".repeat(many)}x`;
    const refused = tracking.call("runs/search", { experiment_ids: [experimentId], filter });
    expect((await failureOf(refused)).code).toBe("INVALID_PARAMETER_VALUE");
  });

  test("that is encoded again and again is no place for artifacts", async () => {
    const { tracking } = await storeWithRun();
    const artifact_location = `s3://bucket?%${"25".repeat(many / 2)}2e`;
    const refused = tracking.call("experiments/create", { name: "far", artifact_location });
    expect((await failureOf(refused)).code).toBe("INVALID_PARAMETER_VALUE");
  });
});

describe("what no database would join", () => {
  test.each([
    ["comparisons", { filter: Array(1001).fill("metrics.a > 1").join(" AND ") }],
    ["orders", { order_by: Array.from({ length: 100 }, (_, at) => `metrics.m${at}`) }],
    ["offsets", { page_token: Buffer.from('{"offset": 1e300}').toString("base64") }],
  ])("is refused as a mistake of who asks: %s", async (_, more) => {
    const { tracking, experimentId } = await storeWithRun();
    const refused = tracking.call("runs/search", { experiment_ids: [experimentId], ...more });
    expect((await failureOf(refused)).code).toBe("INVALID_PARAMETER_VALUE");
  });
});
