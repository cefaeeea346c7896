/** What comes from the cache is what an execution would give, whatever is changed, torn or cleaned in between; and nothing runs without need. */
import {
  appendFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf, digestOfFile } from "../src/run/cache/digest.ts";
import { collectGarbage, sizesOf } from "../src/run/cache/gc.ts";
import { takeStep } from "../src/run/cache/take.ts";
import { listEntries } from "../src/run/cache/store.ts";
import { placeOfObject } from "../src/run/cache/objects.ts";
import { placesOfStep } from "../src/run/step-file.ts";
import {
  type StepWorld,
  type StepWorldOptions,
  type World,
  firstWorld,
  freshText,
  openStepWorld,
} from "./support/cached-step.ts";

const texts = fc.constantFrom("a", "b", "c");
const edits = fc.oneof(
  fc.record({ used: fc.constantFrom(0, -0, 0.1, 0.1 + 2 ** -56, 1) }),
  fc.record({ unused: fc.nat(3) }),
  fc.record({ code: fc.nat(2) }),
  fc.record({ style: fc.nat(3) }),
  fc.record({ seed: fc.constantFrom(undefined, 1, 2) }),
  fc.record({ input: texts }),
  fc.record({ data: fc.option(texts, { nil: undefined }) }),
  fc.record({ helper: fc.constantFrom("1", "2") }),
  fc.record({ version: fc.constantFrom("1.0.0", "1.0.1") }),
  fc.record({ label: texts }),
  fc.record({ inherited: texts }),
);

/** One thing that happens between two runs. */
type Happening =
  | { readonly kind: "edit"; readonly edit: Partial<World> }
  | { readonly kind: "tear"; readonly how: (typeof tears)[number]; readonly which: number }
  | { readonly kind: "clean"; readonly limit: number }
  /** Somebody else's hands on what the step wrote in the project's folder. */
  | { readonly kind: "touch"; readonly text: string | undefined };

const tears = ["cut", "flip", "remove", "grow"] as const;
const edit = edits.map((it): Happening => ({ kind: "edit", edit: it }));
const happening = fc.oneof(
  { weight: 6, arbitrary: edit },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...tears), fc.nat(1000))
      .map(([how, which]): Happening => ({ kind: "tear", how, which })),
  },
  {
    weight: 1,
    arbitrary: fc
      .option(texts, { nil: undefined })
      .map((text): Happening => ({ kind: "touch", text })),
  },
  { weight: 1, arbitrary: fc.nat(4000).map((limit): Happening => ({ kind: "clean", limit })) },
);

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

function tear(cache: string, how: (typeof tears)[number], which: number): void {
  const all = filesBelow(cache);
  const file = all[which % Math.max(1, all.length)];
  if (file === undefined) return;
  const bytes = readFileSync(file);
  if (how === "cut") truncateSync(file, bytes.length >> 1);
  else if (how === "remove") rmSync(file);
  else if (how === "grow") appendFileSync(file, "x");
  else {
    bytes[which % Math.max(1, bytes.length)]! ^= 1;
    writeFileSync(file, bytes);
  }
}

function happen(it: Happening, world: World, { cache, folder }: StepWorld): World {
  if (it.kind === "edit") return { ...world, ...it.edit };
  const side = path.join(folder, "side.txt");
  if (it.kind === "touch" && it.text === undefined) rmSync(side, { force: true });
  else if (it.kind === "touch") writeFileSync(side, it.text ?? "");
  else if (it.kind === "tear") tear(cache, it.how, it.which);
  else collectGarbage(cache, it.limit, Date.now() + 3_600_000);
  return world;
}

/** Runs after each thing that happens; false at the first text that no execution would give. */
async function isAsFresh(
  happenings: readonly Happening[],
  options: StepWorldOptions = {},
  run = (it: StepWorld, world: World) => it.run(world),
): Promise<boolean> {
  using it = openStepWorld(options);
  let world = firstWorld;
  await run(it, world);
  for (const one of happenings) {
    world = happen(one, world, it);
    const { text, side } = await run(it, world);
    if (text !== freshText(world) || side !== freshText(world)) return false;
  }
  return true;
}

const settings = { numRuns: 25 };
const many = fc.array(happening, { minLength: 1, maxLength: 12 });

describe("a step with a cache", () => {
  test("gives what an execution gives, after any changes, damage and cleaning", async () => {
    await fc.assert(
      fc.asyncProperty(many, (happenings) => isAsFresh(happenings)),
      settings,
    );
  });

  test("does not run where nothing that it depends on is new, and runs where something is", async () => {
    const property = fc.asyncProperty(
      fc.array(edits, { minLength: 1, maxLength: 12 }),
      async (all) => {
        using it = openStepWorld();
        const seen = new Set<string>();
        let world = firstWorld;
        for (const one of [{}, ...all]) {
          world = { ...world, ...one };
          const { cached } = await it.run(world);
          const meaning = meaningOf(world);
          expect(cached).toBe(seen.has(meaning));
          seen.add(meaning);
        }
      },
    );
    await fc.assert(property, settings);
  });

  test("may lose all that it has at any size, and is never larger than it may be", async () => {
    const property = fc.asyncProperty(
      fc.array(edits, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 20_000 }),
      async (all, limitBytes) => {
        using it = openStepWorld({ limitBytes });
        let world = firstWorld;
        for (const one of all) {
          world = { ...world, ...one };
          expect((await it.run(world)).text).toBe(freshText(world));
          expect(sizesOf(listEntries(it.cache)).bytes).toBeLessThanOrEqual(limitBytes);
        }
      },
    );
    await fc.assert(property, { numRuns: 12 });
  });

  test("is used by several at once", async () => {
    const property = fc.asyncProperty(
      fc.array(edits, { minLength: 2, maxLength: 6 }),
      async (all) => {
        using it = openStepWorld();
        // Only what is told by the step itself: there is one folder with files.
        const worlds = all.map(
          ({ used = 1, label = "a", code = 0, style = 0 }: Partial<World>) => ({
            ...firstWorld,
            used,
            label,
            code,
            style,
          }),
        );
        const [cleaned, ...runs] = await Promise.all([
          Promise.resolve().then(() => collectGarbage(it.cache, 0, Date.now())),
          ...[...worlds, ...worlds].map((world) => it.run(world)),
        ]);
        expect(cleaned).toBeDefined();
        expect(runs.map(({ text }) => text)).toEqual([...worlds, ...worlds].map(freshText));
      },
    );
    await fc.assert(property, { numRuns: 12 });
  });
});

/** As `freshText`, but for numbers that JSON makes one. */
function meaningOf(world: World): string {
  return `${freshText(world)} ${Object.is(world.used, -0) ? "-0" : ""}`;
}

describe("these laws find a cache that is wrong", () => {
  const isFound = async (
    options: StepWorldOptions,
    run?: Parameters<typeof isAsFresh>[2],
  ): Promise<boolean> => {
    const property = fc.asyncProperty(many, (happenings) => isAsFresh(happenings, options, run));
    return (await fc.check(property, { numRuns: 300 })).failed;
  };

  test.each([
    ["a param", { params: [] }],
    ["the seed", { seed: undefined }],
    ["an environment variable", { env: {} }],
    ["an input", { inputs: [] }],
    [
      "the code",
      {
        code: {
          kind: "fence",
          text: 'rows, read("data.txt"), process.env.INHERITED, used',
          file: "iris.mlpipe",
          line: 1,
          column: 1,
          lastLine: 1,
        },
      },
    ],
  ] as const)("by leaving %s out of the key", async (_, left) => {
    expect(await isFound({ told: (step) => ({ ...step, ...left }) })).toBe(true);
  });

  test("by taking what lies there without looking whether it is whole", async () => {
    const trusting = async (it: StepWorld, world: World) => {
      const ran = await it.run(world);
      const kept = listEntries(it.cache)[0]?.entry.files[0];
      if (!ran.cached || !kept) return ran;
      return { ...ran, text: readFileSync(placeOfObject(it.cache, kept.digest), "utf8") };
    };
    expect(await isFound({}, trusting)).toBe(true);
  });
});

test("a large file that has been measured is measured again once it is written to, also where its size and time stay", async () => {
  using it = openStepWorld();
  const file = path.join(it.folder, "large.bin");
  const bytes = Buffer.alloc(5 << 20, 1);
  const written = new Date(2020, 1, 1);
  for (const value of [1, 2, 3]) {
    bytes[4 << 20] = value;
    writeFileSync(file, bytes);
    utimesSync(file, written, written);
    // Only what has settled is remembered.
    await setTimeout(2100);
    for (let time = 0; time < 2; time++) expect(await digestOfFile(file)).toBe(digestOf(bytes));
  }
});

test("what is cleaned away while it is taken is missed, and is no error", async () => {
  using it = openStepWorld();
  for (let time = 0; time < 20; time++) {
    const world = { ...firstWorld, used: time };
    await it.run(world);
    const [stored] = listEntries(it.cache);
    if (!stored) throw new Error("nothing was kept");
    const places = placesOfStep(path.join(it.folder, "taken"), "fit");
    const taking = takeStep(it.cache, stored, places, it.folder);
    collectGarbage(it.cache, 0, Date.now() + 3_600_000);
    const taken = await taking;
    if (typeof taken === "object")
      expect(readFileSync(path.join(places.outputs, "text.txt"), "utf8")).toBe(freshText(world));
    else expect(["missing", "damaged"]).toContain(taken);
    expect(listEntries(it.cache)).toEqual([]);
  }
});
