/** What is shown of a run keeps the lines of its steps whole. */
import { expect, onTestFinished, test, vi } from "vitest";
import { displayFor } from "../src/cli/progress.ts";
import type { RunPlan } from "../src/plan/plan.ts";
import type { RunEvent } from "../src/run/event.ts";

const plan: RunPlan = {
  kind: "run",
  run: "it",
  file: "it.mlpipe",
  experiment: "Default",
  params: [],
  seed: undefined,
  contract: undefined,
  shared: [],
  actions: [],
};

const said = (text: string): RunEvent => ({ kind: "output", step: "it", stream: "stdout", text });
const metric: RunEvent = { kind: "metric", step: "it", key: "x", value: 1, at: 0 };
const end: RunEvent = {
  kind: "step-ended",
  step: "it",
  ok: true,
  milliseconds: 1000,
  peakBytes: undefined,
  failure: undefined,
};

function shown(...events: readonly RunEvent[]): string {
  let text = "";
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  onTestFinished(() => stdout.mockRestore());
  // Whoever looks at the tests may sit at a terminal.
  vi.stubEnv("CI", "true");
  vi.stubEnv("FORCE_COLOR", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const show = displayFor(plan, {});
  for (const event of events) show(event);
  stdout.mockRestore();
  return text;
}

test("a metric that overtakes the rest of a line stands below that line", () => {
  expect(shown(said("half a line"), metric, said(" and the rest\n"), end)).toBe(
    "half a line and the rest\n  x = 1\ndone  it  1.00 s\n",
  );
});

test("a line that is never ended is ended when its step is", () => {
  expect(shown(said("half a line"), metric, end)).toBe("half a line\n  x = 1\ndone  it  1.00 s\n");
});

test("a metric waits for the end of its step, whenever it came", () => {
  expect(shown(said("one\n"), metric, said("two\n"), end)).toBe(
    "one\ntwo\n  x = 1\ndone  it  1.00 s\n",
  );
});
