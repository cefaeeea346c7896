/** A run of a file as a value: opened, given other values, executed; and what a test is told of a verification. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeLaws } from "../src/judge-laws.ts";
import { type Pipeline, pipeline } from "../src/pipeline.ts";
import { PipelineError } from "../src/pipeline-error.ts";
import type { LawOutcome } from "../src/repro/laws/law.ts";
import type { Verification } from "../src/repro/laws/verify.ts";
import { type Folder, temporaryFolder } from "./support/mlpipe.ts";

const text = `mlpipe 1

run grow {
  param scale: float = 0.5 in 0.1..1
  param kind: string = "a" in ["a", "b"]
  param limit: int? = null in 1..9
  require scale >= 0.2 "less is noise"

  step twice {
    metric level over epoch
    artifact rows: csv

    \`\`\`js
    const level = [scale, 2 * scale]
    const rows = [{ kind, limit }]
    \`\`\`
  }
  step size {
    input rows from twice
    metric size

    \`\`\`js
    const size = rows.length
    \`\`\`
  }
}

run hope {
  metric luck

  \`\`\`js
  const luck = 0
  \`\`\`

  expect luck > 0.5
}

run fall {
  param depth: int

  metric never

  \`\`\`js
  const never = depth
  throw new Error("too deep")
  \`\`\`
}
`;

let folder: Folder;
/** Where executions have their files. */
let temporary: Folder;
const before = process.env["TMPDIR"];

beforeAll(() => {
  folder = temporaryFolder();
  folder.write("grow.mlpipe", text);
  folder.write("wrong.mlpipe", "mlpipe 1\n\nrun a {\n  parm x\n}\n");
  temporary = temporaryFolder();
  process.env["TMPDIR"] = temporary.path;
});
afterAll(() => {
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  for (const one of [folder, temporary]) one[Symbol.dispose]();
});

function open(run?: string): Promise<Pipeline> {
  return pipeline(path.join(folder.path, "grow.mlpipe"), run);
}

/** The message of what `work` throws, or rejects with, for somebody to mend. */
async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof PipelineError) return error.message;
    throw error;
  }
  return "nothing is wrong";
}

describe("a pipeline", () => {
  test("is the main run of its file, with the declared values, where no run is named", async () => {
    const { run, values } = await open();
    expect([run, values]).toEqual(["grow", { scale: 0.5, kind: "a", limit: null }]);
  });

  test("is never changed: with gives another one", async () => {
    const grow = await open();
    const other = grow.with({ scale: 0.25 }).with({ limit: 3 });
    expect(other.values).toEqual({ scale: 0.25, kind: "a", limit: 3 });
    expect(grow.values).toEqual({ scale: 0.5, kind: "a", limit: null });
  });

  test.each([
    [{ scal: 0.5 }, "there is no param `scal`; did you mean `scale`?"],
    [{ scale: 7 }, "scale = 7: `scale` must be in 0.1..1"],
    [{ scale: "0.5" }, 'scale = "0.5": `scale` is of type float'],
    [{ scale: null }, "scale = null: `scale` is of type float"],
    [{ kind: "c" }, 'kind = "c": `kind` must be in ["a", "b"]'],
    [{ limit: 1.5 }, "limit = 1.5: `limit` is of type int"],
    [{ scale: 0.15 }, "require scale >= 0.2, but scale is 0.15 (less is noise)"],
    [{ limit: {} as never }, "limit = [object Object]: `limit` is of type int"],
    [{ toString: 1 }, "there is no param `toString`; it has scale, kind, limit"],
  ])("refuses the values %j", async (values, message) => {
    const grow = await open();
    expect(await refusal(() => grow.with(values))).toBe(message);
  });

  test("draws values that with takes, and keeps those that it was given", async () => {
    const grow = (await open()).with({ kind: "b" });
    fc.assert(
      fc.property(grow.params(), (values) => {
        expect(grow.with(values).values).toEqual(values);
        expect(values["kind"]).toBe("b");
      }),
      { seed: 5 },
    );
  });

  test("has the steps of its run", async () => {
    const grow = await open();
    expect(grow.step("size")).toEqual({ kind: "step", name: "size", pipeline: grow });
    expect(await refusal(() => grow.step("sise"))).toBe(
      "`grow` has no step `sise`; did you mean `size`?",
    );
  });

  test("of a file with errors is not opened, and the findings are shown", async () => {
    const file = path.relative(process.cwd(), path.join(folder.path, "wrong.mlpipe"));
    expect(await refusal(() => pipeline(file))).toBe(
      `${file} has errors\n\n${file}:4:3  error E0101  there is no \`parm\` here; did you mean \`param\`?\n` +
        "  4 |   parm x\n    |   ^^^^\n\n1 error\n",
    );
  });

  test("is refused where there is none of that name, and from where it was asked for", async () => {
    expect(await refusal(() => open("grou"))).toMatch(/has no run `grou`; did you mean `grow`\?$/);
    expect(await refusal(() => pipeline("grow.R"))).toMatch(/^`grow.R` is no .mlpipe file/);
    const error: unknown = await open("grou").catch((reason: unknown) => reason);
    const [, first] = (error as Error).stack?.split("\n    at ") ?? [];
    expect(first).toContain("pipeline.spec.ts");
  });
});

describe("an execution", () => {
  test("gives metrics and files by their names; the files are gone afterwards, and the project is as it was", async () => {
    const grow = (await open()).with({ scale: 0.25, limit: 4 });
    const files = readdirSync(folder.path);
    let rows = "";
    {
      await using executed = await grow.execute();
      rows = executed.artifacts["rows"] ?? "";
      expect(executed.metrics).toEqual({ level: 0.5, size: 1 });
      expect(executed.histories["level"]?.map(({ value }) => value)).toEqual([0.25, 0.5]);
      expect(readFileSync(rows, "utf8")).toBe('kind,limit\n"a",4\n');
    }
    expect([existsSync(rows), readdirSync(temporary.path)]).toEqual([false, []]);
    expect(readdirSync(folder.path)).toEqual(files);
  });

  test("rejects with what the run says where that fails, and leaves nothing behind", async () => {
    const fall = await open("fall");
    const message = await refusal(() => fall.with({ depth: 3 }).execute());
    expect(message).toMatch(/fall fails\ngrow\.mlpipe:45:\d+ {2}R0810 {2}too deep$/);
    expect(readdirSync(temporary.path)).toEqual([]);
  });

  test("rejects where what the run expects does not come", async () => {
    const hope = await open("hope");
    expect(await refusal(() => hope.execute())).toMatch(
      /hope fails\ngrow\.mlpipe:35:\d+ {2}R0846 {2}expected luck > 0\.5, but luck is 0/,
    );
  });

  test("needs a value for each param, as verifying does", async () => {
    const fall = await open("fall");
    const message = "`depth` has no default; give it one: with({ depth: … })";
    expect(fall.values).toEqual({});
    expect(await refusal(() => fall.execute())).toBe(message);
    expect(await refusal(() => fall.verify())).toBe(message);
    expect(await refusal(() => fall.params())).toBe(message);
  });

  test("ends with its signal", async () => {
    const grow = await open();
    const message = await refusal(() => grow.execute({ signal: AbortSignal.abort("SIGINT") }));
    expect(message).toMatch(/grow fails\n/);
  });
});

test("a verification of laws that there are none of is refused", async () => {
  const grow = await open();
  expect(await refusal(() => grow.verify({ skip: ["L99" as never] }))).toMatch(
    /^there is no law L99; there are L1, /,
  );
});

function verificationOf(
  outcomes: Readonly<Record<string, LawOutcome>>,
  more: Partial<Verification> = {},
): Verification {
  const laws = Object.entries(outcomes).map(([law, outcome]) => {
    return { law: law as "L1", title: "title", counted: "case" as const, outcome };
  });
  const command = ["mlpipe", "verify", "a.mlpipe", "a"];
  const about = { file: "a.mlpipe", run: "a", command, seed: 7, budgetMs: 60_000 };
  const cost = { milliseconds: 1, executions: 1, failure: undefined, unchanged: [] };
  return { ...about, ...cost, laws, ...more };
}

describe("of a verification a test is told", () => {
  const held: LawOutcome = { kind: "held", cases: 3, warnings: [], notes: [] };
  const unchecked: LawOutcome = { kind: "not-checked", why: "nothing can be changed" };
  const partly: LawOutcome = { kind: "interrupted", cases: 7, of: 20, notes: [] };
  const open: LawOutcome = { kind: "undecided", cases: 0, why: "the budget ended", notes: [] };
  const broken: LawOutcome = {
    kind: "failed",
    cases: 1,
    notes: ["one more thing"],
    breaches: [
      {
        what: "it changes",
        params: { cp: 0.1 },
        unusual: ["cp"],
        surroundings: [],
        difference: "",
        comparison: undefined,
        replay: "7:0",
        fix: "",
      },
    ],
  };

  test("nothing where all laws hold", () => {
    expect(judgeLaws(verificationOf({ L1: held, L2: held }))).toEqual({ kind: "held", told: "" });
  });

  test("how many cases there was time for", () => {
    expect(judgeLaws(verificationOf({ L1: held, L2: partly }))).toEqual({
      kind: "held",
      told: "L2 title: 7 of 20 cases in 1 min 0 s\n",
    });
  });

  test("warnings of a law that holds", () => {
    const warned = { ...held, warnings: ["`k` is inert"] };
    expect(judgeLaws(verificationOf({ L3: warned })).told).toBe("L3 title: `k` is inert\n");
  });

  test("that a law could not be checked, as a reason to fail, unless it may have nothing to say", () => {
    const verification = verificationOf({ L1: held, L6: unchecked });
    const why = "nothing can be changed\n";
    expect(judgeLaws(verification)).toEqual({
      kind: "unknown",
      told: `L6 title could not be checked: ${why}`,
    });
    expect(judgeLaws(verification, ["L6"])).toEqual({
      kind: "held",
      told: `L6 title was not checked: ${why}`,
    });
  });

  test("that there was no time, and what to do", () => {
    expect(judgeLaws(verificationOf({ L1: open, L2: open }))).toEqual({
      kind: "unknown",
      told: "L1 title is undecided: the budget ended\nL2 title is undecided: the budget ended\n  fix: a larger `budgetMs`, in a test whose `timeout` is larger still\n",
    });
  });

  test("how a law is broken before all else", () => {
    expect(judgeLaws(verificationOf({ L1: unchecked, L2: broken, L3: open }))).toEqual({
      kind: "broken",
      told: "L2 title: it changes\n  with     cp = 0.1\n  repeat   mlpipe verify a.mlpipe a --law L2 --replay 7:0\nL2 title: one more thing\n",
    });
  });

  test("that the run fails", () => {
    const failure = { code: "R0810", message: "too deep", fix: "dig less", place: "a.mlpipe:3" };
    expect(judgeLaws(verificationOf({}, { failure }))).toEqual({
      kind: "unknown",
      told: "the run fails, so that nothing was checked\na.mlpipe:3  R0810  too deep\n  fix: dig less\n",
    });
  });
});
