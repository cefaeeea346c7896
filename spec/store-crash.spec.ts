/** The store under processes that die, and under several at once. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openIn, readBack, temporaryFolder } from "./support/store.ts";

const writer = fileURLToPath(new URL("./support/store-writer.ts", import.meta.url));

interface Writer {
  readonly child: ChildProcess;
  /** Lines printed so far; complete once `ended` resolves. */
  readonly lines: readonly string[];
  readonly ended: Promise<unknown>;
  /** Resolves when `count` lines are there. */
  readonly printed: (count: number) => Promise<void>;
}

function startWriter(folder: string, ...words: readonly string[]): Writer {
  const child = spawn(process.execPath, [writer, folder, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const ended = Promise.all([once(child, "exit"), once(reader, "close")]);
  const printed = async (count: number): Promise<void> => {
    while (lines.length < count) await once(reader, "line");
  };
  return { child, lines, ended, printed };
}

/** What a writer acknowledged before its end: a line that was cut off tells nothing. */
function acknowledged({ lines }: Writer): { readonly runId: string; readonly count: number } {
  const [first = "", ...steps] = lines;
  return { runId: first.replace("run ", ""), count: steps.length };
}

describe("a process that is killed while it writes", () => {
  test(
    "loses nothing that was acknowledged, and leaves a whole file",
    { timeout: 180_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 300 }),
          fc.nat({ max: 3 }),
          async (lines, wait) => {
            const folder = await temporaryFolder();
            const process = startWriter(folder);
            await process.printed(lines);
            await new Promise((resolve) => setTimeout(resolve, wait));
            process.child.kill("SIGKILL");
            await process.ended;
            const { runId, count } = acknowledged(process);
            const tracking = await openIn(folder);
            const { metrics = [] } = await tracking.call("metrics/get-history", {
              run_id: runId,
              metric_key: "m",
            });
            expect(metrics.length).toBeGreaterThanOrEqual(count);
            expect(metrics.length).toBeLessThanOrEqual(count + 1);
            expect(metrics.map(({ value }) => value)).toEqual(metrics.map((_, step) => step / 7));
            const { data } = await readBack(tracking, runId);
            expect(data.metrics ?? []).toEqual(metrics.slice(-1));
            expect(data.tags?.find(({ key }) => key === "last")?.value).toBe(
              metrics.length === 0 ? undefined : String(metrics.length - 1),
            );
            await tracking.close();
            expect(integrityOf(folder)).toBe("ok");
          },
        ),
        { numRuns: 15 },
      );
    },
  );
});

function integrityOf(folder: string): unknown {
  const database = new DatabaseSync(join(folder, "mlflow.db"));
  try {
    return database.prepare("PRAGMA integrity_check").get()?.["integrity_check"];
  } finally {
    database.close();
  }
}

describe("several processes that write one store at once", () => {
  test("lose nothing, even when they make the file together", { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder();
    const writers = ["a", "b", "c"].map((key) => startWriter(folder, key, "150"));
    await Promise.all(writers.map(({ ended }) => ended));
    const tracking = await openIn(folder);
    for (const [at, key] of ["a", "b", "c"].entries()) {
      const { runId, count } = acknowledged(writers[at] as Writer);
      expect(count).toBe(150);
      const { metrics = [] } = await tracking.call("metrics/get-history", {
        run_id: runId,
        metric_key: key,
      });
      expect(metrics.map(({ step }) => step)).toEqual(
        Array.from({ length: 150 }, (_, step) => step),
      );
    }
    expect(
      (await tracking.call("experiments/search", { max_results: 10 })).experiments,
    ).toHaveLength(1);
    expect((await tracking.call("runs/search", { experiment_ids: ["0"] })).runs).toHaveLength(3);
  });

  test("make a new file once, however many open it in the same moment", async () => {
    const folder = await temporaryFolder();
    const other = new DatabaseSync(join(folder, "mlflow.db"));
    other.exec("BEGIN IMMEDIATE");
    const opening = Array.from({ length: 4 }, () => openIn(folder));
    // All of them find the file empty now, and none may write it yet.
    await new Promise((resolve) => setTimeout(resolve, 500));
    other.exec("COMMIT");
    other.close();
    const all = await Promise.all(opening);
    for (const tracking of all) {
      const { experiments } = await tracking.call("experiments/search", { max_results: 10 });
      expect(experiments?.map(({ name }) => name)).toEqual(["Default"]);
    }
  });

  test("a reader sees a batch whole or not at all", async () => {
    const folder = await temporaryFolder();
    const process = startWriter(folder, "m", "200");
    await process.printed(1);
    const reader = await openIn(folder);
    const { runId } = acknowledged(process);
    while (process.child.exitCode === null) {
      const { data } = await readBack(reader, runId);
      const step = data.metrics?.[0]?.step;
      expect(data.tags?.find(({ key }) => key === "last")?.value).toBe(
        step === undefined ? undefined : String(step),
      );
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await process.ended;
    expect(acknowledged(process).count).toBe(200);
  });
});
