/** Conditions: what `require`, `expect` and `where` may name and compare, and whether they hold. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "../src/check/condition-evaluate.ts";
import { findContradiction } from "../src/check/condition-possible.ts";
import type { Comparison, Param, Requirement, Value } from "../src/check/program.ts";
import { messageOf, programOf, said } from "./support/findings.ts";

/** A run with params and outputs of every kind, and further items. */
function run(items: string): string {
  return `mlpipe 1

run learn {
  param low: int = 3 in 1..10
  param high: int = 5 in 1..10
  param share: float = 0.5
  param kind: string = "tree" in ["tree", "line"]
  param deep: bool = false
  param limit: float? = null
  metric error minimize
  metric "val.loss" minimize
  artifact notes: text
  ${items}

  \`\`\`r
  error <- low + high + share + nchar(kind) + deep + length(limit)
  log_metric("val.loss", error)
  notes <- "done"
  \`\`\`
}
`;
}

function requirement(text: string): Requirement {
  const found = programOf(run(`require ${text}`)).runs.get("learn")?.requires[0];
  if (!found) throw new Error("no requirement");
  return found;
}

/** Whether the comparison holds when its left name has the value. */
function holds(value: Value | undefined, operator: Comparison["operator"], right: Value): boolean {
  const comparisons = [{ left: ["x"], operator, right: { value: right } }];
  return evaluate({ comparisons }, () => value).holds;
}

describe("`expect`", () => {
  it("reads metrics, params and tags, with or without their space", () => {
    const conditions = [
      "error <= 0.1",
      "metrics.error <= 0.1",
      "val.loss < 2",
      "params.low = 3",
      "error < share",
      "error <= 5%",
      'tags.status != "rejected"',
      'tags.mlflow.user like "a%"',
      'kind ilike "T%" and deep = false',
    ];
    expect(conditions.flatMap((it) => said(run(`expect ${it}`)))).toEqual([]);
  });

  it("names a metric of the program by its key alone", () => {
    const program = programOf(run("expect metrics.error <= 5% and metrics.val.loss < share"));
    expect(program.runs.get("learn")?.expects[0]?.comparisons).toEqual([
      { left: ["error"], operator: "<=", right: { value: 0.05 } },
      { left: ["val.loss"], operator: "<", right: { path: ["share"] } },
    ]);
  });

  it("keeps the condition as it was written, on one line", () => {
    const [condition] = programOf(run("expect error <=   0.1\n  and low > 1")).runs.get(
      "learn",
    )!.expects;
    expect(condition?.text).toBe("error <= 0.1 and low > 1");
  });

  it("says E0602 about a name that is not logged, with the nearest one", () => {
    expect(said(run("expect eror <= 0.1"))).toEqual(["E0602 eror"]);
    expect(messageOf(run("expect eror <= 0.1"))).toBe(
      "`expect` names `eror`, which `learn` does not log; did you mean `error`?",
    );
    expect(messageOf(run("expect speed <= 0.1"))).toMatch(
      /^`expect` names `speed`.*; logged are /u,
    );
    expect(messageOf(run("expect notes <= 0.1"))).toMatch(
      /^`expect` cannot use `notes`, which is an artifact; /u,
    );
  });

  it("says E0301 where a name is compared with what it cannot be", () => {
    const texts = [
      'error <= "0.1"',
      "tags.status = 3",
      "tags.status = done",
      "deep = 1",
      "error <= 3min",
      "error = null",
      "kind < 3",
      'error like "a%"',
      "deep > false",
      "error <= kind",
    ];
    expect(texts.map((it) => said(run(`expect ${it}`)))).toEqual([
      ['E0301 "0.1"'],
      ["E0301 3"],
      ["E0301 done"],
      ["E0301 1"],
      ["E0301 3min"],
      ["E0301 null"],
      ["E0301 kind < 3"],
      ['E0301 error like "a%"'],
      ["E0301 deep > false"],
      ["E0301 kind"],
    ]);
  });
});

describe("`require`", () => {
  it("compares params with values and with one another", () => {
    const fine = [
      "low < high",
      "low > 2.5",
      "share > 0 and share < 1",
      'kind != "line"',
      "limit = null",
    ];
    expect(fine.flatMap((it) => said(run(`require ${it}`)))).toEqual([]);
  });

  it("says E0201 about what is no param", () => {
    expect(said(run("require lo < high"))).toEqual(["E0201 lo"]);
    expect(said(run("require low < hihg"))).toEqual(["E0201 hihg"]);
    expect(said(run("require error < 3"))).toEqual(["E0201 error"]);
    expect(said(run('require tags.status = "x"'))).toEqual(["E0201 tags.status"]);
  });

  it("says E0307 where the defaults break it, with their values", () => {
    expect(messageOf(run("require high < low"))).toBe(
      "`require high < low` does not hold: by default high is 5 and low is 3; change the defaults, the domains or the requirement",
    );
    expect(messageOf(run('require share > 0.5 "a majority"'))).toContain(
      "by default share is 0.5 (a majority)",
    );
  });

  it("says E0307 where no values can satisfy it", () => {
    const impossible = [
      "low > 10",
      "low < 1",
      "high >= 10.5",
      "low > 9 and low < 10",
      'kind = "forest"',
      "low < high and high < low",
      "low < high and high <= low",
      "share = share and share < share",
      "share < 0 and share > 0",
    ];
    const because = impossible.map((it) => messageOf(run(`require ${it}`)));
    expect(because.filter((it) => !/no value of `.*can do that/u.test(it))).toEqual([]);
    expect(because[0]).toContain("no value of `low` (in 1..10) can do that");
  });

  it("asks no order of a param that was left out", () => {
    expect(said(run("require limit > 0"))).toEqual([]);
    expect(said(run("require limit != null"))).toEqual(["E0307 limit != null"]);
  });

  it("leaves params without a default to whoever gives them", () => {
    const text = `mlpipe 1

run learn {
  param low: int
  param high: int = 5
  require low < high
  metric error

  \`\`\`r
  error <- low + high
  \`\`\`
}
`;
    expect(said(text)).toEqual([]);
  });
});

describe("a condition with values", () => {
  it("compares numbers, texts and truth values", () => {
    expect([holds(1, "<", 2), holds(2, "<=", 2), holds(2, ">", 2), holds(2, ">=", 2)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect([holds("a", "=", "a"), holds("a", "!=", "a"), holds(true, "=", true)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(holds("3", "=", 3)).toBe(false);
    expect(holds("a", "<", "b")).toBe(false);
  });

  it("never holds for what is absent or not a number, even where it asks for a difference", () => {
    const operators = ["=", "!=", "<", "<=", ">", ">=", "like", "ilike"] as const;
    expect(operators.filter((it) => holds(undefined, it, 1))).toEqual([]);
    expect(operators.filter((it) => holds(Number.NaN, it, 1))).toEqual([]);
  });

  it("reads `like` as SQL does: whole texts, `%` and `_`, nothing else special", () => {
    expect(holds("v1.2", "like", "v_.%")).toBe(true);
    expect(holds("v1x2", "like", "v1.2")).toBe(false);
    expect(holds("a(b", "like", "a(b")).toBe(true);
    expect(holds("Abc", "like", "a%")).toBe(false);
    expect(holds("Abc", "ilike", "a%")).toBe(true);
    expect(holds("a\nb", "like", "a%b")).toBe(true);
    expect(holds("xab", "like", "ab")).toBe(false);
  });

  it("says which values it saw, of those comparisons only that do not hold", () => {
    const { condition } = requirement("low < high and share > 0");
    const values = new Map<string, Value>([
      ["low", 7],
      ["high", 2],
      ["share", 0.5],
    ]);
    const outcome = evaluate(condition, ([name = ""]) => values.get(name));
    expect(outcome.actual).toBe("low is 7 and high is 2");
    expect(outcome.failed).toEqual(condition.comparisons.slice(0, 1));
    expect(evaluate(condition, () => undefined).actual).toContain("there is no share");
  });

  it("takes any text as a `like` pattern", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(holds(text, "like", "%")).toBe(true);
        expect(holds(text, "like", text.replace(/[%_]/gu, "_"))).toBe(true);
      }),
    );
  });
});

describe("what is called impossible", () => {
  const names = ["a", "b", "c"];
  const end = fc.integer({ min: 0, max: 4 });
  const domain = fc.tuple(end, end).map(([x, y]) => ({
    kind: "range" as const,
    low: Math.min(x, y),
    lowOpen: false,
    high: Math.max(x, y),
    highOpen: false,
    by: undefined,
  }));
  const comparison: fc.Arbitrary<Comparison> = fc.record({
    left: fc.constantFrom(...names).map((name) => [name]),
    operator: fc.constantFrom("<", "<=", ">", ">=", "=", "!="),
    right: fc.oneof(
      end.map((value) => ({ value })),
      fc.constantFrom(...names).map((name) => ({ path: [name] })),
    ),
  });

  it("is so: no values of the domains satisfy it", () => {
    const domains = fc.tuple(domain, domain, domain);
    const comparisons = fc.array(comparison, { minLength: 1, maxLength: 5 });
    let impossible = 0;
    fc.assert(
      fc.property(domains, comparisons, ([a, b, c], all) => {
        const params = new Map(
          [a, b, c].map((it, index) => {
            const name = names[index] ?? "";
            return [name, { name, type: "int" as Param["type"], nullable: false, domain: it }];
          }),
        );
        const condition = { comparisons: all, text: "", place: undefined as never };
        if (!findContradiction(params, [{ condition, note: "" }])) return;
        impossible++;
        for (let x = a.low; x <= a.high; x++)
          for (let y = b.low; y <= b.high; y++)
            for (let z = c.low; z <= c.high; z++) {
              const values = new Map([
                ["a", x],
                ["b", y],
                ["c", z],
              ]);
              expect(evaluate(condition, ([name = ""]) => values.get(name)).holds).toBe(false);
            }
      }),
      { numRuns: 500 },
    );
    expect(impossible).toBeGreaterThan(50);
  });
});
