/** The record of a step's last execution is that of the last, whatever lay there before. */
import { readdirSync, truncateSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type StepRecord, lastRecord, saveRecord } from "../src/run/cache/record.ts";
import { temporaryFolder } from "./support/mlpipe.ts";

const name = { file: "it.mlpipe", run: "it", step: "fit" };

const record: fc.Arbitrary<StepRecord> = fc
  .record({ runId: fc.string({ unit: "grapheme" }), at: fc.nat(), from: fc.string() })
  .map(({ runId, at, from }) => ({
    edition: 2,
    ...name,
    runId,
    at,
    components: [],
    found: [],
    happened: { kind: "cached", from, savedMilliseconds: 1 },
    watch: { packages: [], libraries: [], files: [], made: [], outputs: [] },
  }));

it("is the last of any number of records, shorter or longer than the one before", () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
      using folder = temporaryFolder();
      for (const one of records) saveRecord(folder.path, one);
      expect(lastRecord(folder.path, name)).toEqual(records.at(-1));
    }),
  );
});

it("is none where a power cut has torn it, and there is one again after the next execution", () => {
  fc.assert(
    fc.property(record, fc.nat(), (one, length) => {
      using folder = temporaryFolder();
      saveRecord(folder.path, one);
      const last = path.join(folder.path, "last");
      const file = path.join(last, readdirSync(last)[0] ?? "");
      truncateSync(file, length % 100);
      expect(lastRecord(folder.path, name)).toBeUndefined();
      saveRecord(folder.path, one);
      expect(lastRecord(folder.path, name)).toEqual(one);
    }),
  );
});
