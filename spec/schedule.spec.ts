/** Who may start when: the order of steps by their needs, and the places that they share. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Claim, openPool } from "../src/run/pool.ts";
import { type Task, type TaskEnd, schedule } from "../src/run/schedule.ts";
import { shuffle } from "../src/plan/shuffle.ts";

/** Tasks without circles: each needs, or comes after, some of those before it; in shuffled order. */
const anyTasks: fc.Arbitrary<readonly Task[]> = fc
  .integer({ min: 1, max: 9 })
  .chain((count) =>
    fc.tuple(
      fc.array(fc.array(fc.nat({ max: 5 }), { minLength: count, maxLength: count }), {
        minLength: count,
        maxLength: count,
      }),
      fc.integer(),
    ),
  )
  .map(([links, seed]) => {
    const tasks = links.map((row, at) => {
      const before = (kind: number) =>
        row.slice(0, at).flatMap((link, other) => (link === kind ? [`t${other}`] : []));
      return { name: `t${at}`, needs: before(0), after: before(1) };
    });
    return shuffle(tasks, seed);
  });

/** What each task must come to, said without any order: the tasks are walked from those that need nothing. */
function expectedEnds(tasks: readonly Task[], failing: ReadonlySet<string>): Map<string, TaskEnd> {
  const byName = tasks.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const ends = new Map<string, TaskEnd>();
  for (const { name, needs } of byName)
    ends.set(
      name,
      needs.some((need) => ends.get(need) !== "done")
        ? "cancelled"
        : failing.has(name)
          ? "failed"
          : "done",
    );
  return ends;
}

type Scheduler = typeof schedule;

/** Fails where `scheduler` starts a task too early, twice or never, or says of one what is not so. */
async function holds(
  scheduler: Scheduler,
  tasks: readonly Task[],
  failing: ReadonlySet<string>,
  s: fc.Scheduler,
): Promise<void> {
  const ended: string[] = [];
  const cancelled: string[] = [];
  const early: string[] = [];
  const blamed: string[] = [];
  const running = scheduler(tasks, {
    async perform(name) {
      const { needs = [], after = [] } = tasks.find((it) => it.name === name) ?? {};
      const isEarly = [...needs, ...after].some((it) => ![...ended, ...cancelled].includes(it));
      if (isEarly || needs.some((it) => failing.has(it))) early.push(name);
      await s.schedule(Promise.resolve(), name);
      ended.push(name);
      return !failing.has(name);
    },
    cancel(name, because) {
      if (!failing.has(because)) blamed.push(because);
      cancelled.push(name);
    },
  });
  await s.waitFor(running);
  await s.waitIdle();
  expect([early, blamed]).toEqual([[], []]);
  const expected = expectedEnds(tasks, failing);
  expect(new Map([...(await running)].toSorted())).toEqual(new Map([...expected].toSorted()));
  expect(new Set(ended).size).toBe(ended.length);
  expect(new Set(cancelled).size).toBe(cancelled.length);
}

function property(scheduler: Scheduler) {
  const anyFailing = fc.infiniteStream(fc.boolean());
  return fc.asyncProperty(anyTasks, anyFailing, fc.scheduler(), async (tasks, bad, s) => {
    const failing = new Set(tasks.filter(() => bad.next().value).map(({ name }) => name));
    await holds(scheduler, tasks, failing, s);
  });
}

test("any order of completion leaves exactly the right tasks done, failed and left out", async () => {
  await fc.assert(property(schedule));
});

/** Bugs that a scheduler may have. */
const planted: Readonly<Record<string, Scheduler>> = {
  "takes a task for done when it has begun": (tasks, scheduling) =>
    schedule(tasks, {
      ...scheduling,
      async perform(name) {
        void scheduling.perform(name);
        return true;
      },
    }),
  "forgets what a task needs": (tasks, scheduling) =>
    schedule(
      tasks.map((task) => ({ ...task, needs: [] })),
      scheduling,
    ),
  "forgets what comes before a task": (tasks, scheduling) =>
    schedule(
      tasks.map((task) => ({ ...task, after: [] })),
      scheduling,
    ),
  "gives up after the first failure": async (tasks, scheduling) => {
    let isOver = false;
    return schedule(tasks, {
      ...scheduling,
      async perform(name) {
        if (isOver) return false;
        const isWell = await scheduling.perform(name);
        isOver ||= !isWell;
        return isWell;
      },
    });
  },
};

test.each(Object.entries(planted))("a scheduler that %s is found out", async (_, scheduler) => {
  const { failed } = await fc.check(property(scheduler), { endOnFailure: true, numRuns: 1000 });
  expect(failed).toBe(true);
});

const capacity: Claim = { cpus: 4, memoryBytes: 100, gpus: 1 };
const anyClaim: fc.Arbitrary<Claim> = fc.record({
  cpus: fc.integer({ min: 0, max: 6 }),
  memoryBytes: fc.constantFrom(0, 0, 10, 60, 300),
  gpus: fc.constantFrom(0, 0, 1, 2),
});

test("the places of a pool are never given twice, and everybody gets one in the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyClaim, { maxLength: 20 }), fc.scheduler(), async (claims, s) => {
      const pool = openPool(capacity);
      const taken: Claim[] = [];
      const users = claims.map(async (claim, at) => {
        const giveBack = await pool.take(claim, new AbortController().signal);
        taken.push(claim);
        for (const each of ["cpus", "memoryBytes", "gpus"] as const) {
          const used = taken.map((it) => Math.min(it[each], capacity[each]));
          expect(used.reduce((sum, it) => sum + it, 0)).toBeLessThanOrEqual(capacity[each]);
        }
        await s.schedule(Promise.resolve(), String(at));
        taken.splice(taken.indexOf(claim), 1);
        giveBack();
        giveBack();
      });
      await s.waitFor(Promise.all(users));
      expect(taken).toEqual([]);
    }),
  );
});

test("a large claim is not overtaken by what needs the same, and is by what needs something else", async () => {
  const pool = openPool(capacity);
  const { signal } = new AbortController();
  const order: string[] = [];
  const take = async (name: string, claim: Partial<Claim>) => {
    const giveBack = await pool.take({ cpus: 0, memoryBytes: 0, gpus: 0, ...claim }, signal);
    order.push(name);
    return giveBack;
  };
  const first = await take("first", { cpus: 2 });
  const large = take("large", { cpus: 4 });
  const small = take("small", { cpus: 1 });
  await take("gpu", { gpus: 1 });
  expect(order).toEqual(["first", "gpu"]);
  first();
  (await large)();
  await small;
  expect(order).toEqual(["first", "gpu", "large", "small"]);
});

test("who waits for a place stops waiting when he is told to, and stands in nobody's way", async () => {
  const pool = openPool(capacity);
  const giveBack = await pool.take({ ...capacity, gpus: 0 }, new AbortController().signal);
  const impatient = new AbortController();
  const waiting = pool.take({ ...capacity, cpus: 4 }, impatient.signal);
  const gpu = pool.take({ cpus: 0, memoryBytes: 0, gpus: 1 }, new AbortController().signal);
  impatient.abort("SIGINT");
  await expect(waiting).rejects.toBe("SIGINT");
  await gpu;
  giveBack();
  await pool.take({ ...capacity, gpus: 0 }, new AbortController().signal);
});

test("a shuffle keeps all items, is the same for the same seed, and is frozen", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
      expect(shuffle(items, seed)).toEqual(shuffle(items, seed));
      expect(shuffle(items, seed).toSorted((a, b) => a - b)).toEqual(
        items.toSorted((a, b) => a - b),
      );
    }),
  );
  expect(shuffle(["a", "b", "c", "d", "e"], 7)).toMatchInlineSnapshot(`
    [
      "d",
      "e",
      "c",
      "a",
      "b",
    ]
  `);
});
