/** The standard metrics against scikit-learn itself, which comes with MLflow's environment: what is frozen, and many random cases. */
import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import { homedir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { frozen } from "./support/std-frozen.ts";
import { type Case, columns, inNode, labels, numbers, scores } from "./support/std-metrics.ts";

const python = path.join(
  process.env["MLPIPE_MLFLOW"] ?? path.join(homedir(), ".cache", "mlpipe", "mlflow"),
  "bin",
  "python",
);
const hasScikit = spawnSync(python, ["-c", "import sklearn"]).status === 0;

const program = `
import json, sys
from sklearn.metrics import *
import numpy as np
def score(one):
    metric, t, g, options = one["metric"], one["truth"], one["guess"], one.get("options", {})
    table = isinstance(g[0], dict)
    names = sorted(g[0]) if table else None
    if table: g = np.array([[row[name] for name in names] for row in g])
    by_class = {"precision": precision_score, "recall": recall_score, "f1": f1_score}
    if metric in by_class:
        if "positive" in options: return by_class[metric](t, g, labels=[options["positive"]], average="macro", zero_division=0)
        return by_class[metric](t, g, average=options.get("average", "macro"), zero_division=0)
    if metric == "auc": return roc_auc_score(t, g, multi_class="ovo", average="macro") if table else roc_auc_score(t, g)
    if metric == "log_loss": return log_loss(t, y_proba=g, labels=names if table else [0, 1])
    plain = {"rmse": root_mean_squared_error, "mae": mean_absolute_error, "r2": r2_score, "accuracy": accuracy_score}
    return plain[metric](t, g)
def tried(one):
    try: return float(score(one))
    except ValueError: return None
print(json.dumps([tried(one) for one in json.load(sys.stdin)]))
`;

function inScikit(cases: readonly Case[]): readonly (number | null)[] {
  const input = JSON.stringify(cases);
  return JSON.parse(execFileSync(python, ["-W", "ignore", "-c", program], { input }).toString());
}

const grid = numbers.map(({ truth, guess }) => {
  const round = (it: number) => Math.round(it * 64) / 64;
  return { truth: truth.map(round), guess: guess.map(round) };
});

const anyCase: fc.Arbitrary<Case> = fc.oneof(
  fc.tuple(fc.constantFrom("rmse", "mae", "r2"), grid).map(([metric, it]) => ({ metric, ...it })),
  labels.map((it) => ({ metric: "accuracy", ...it })),
  fc
    .tuple(
      fc.constantFrom("precision", "recall", "f1"),
      labels,
      fc.constantFrom({}, { average: "micro" }, { average: "weighted" }, { positive: "a" }),
    )
    .map(([metric, it, options]) => ({ metric, ...it, options })),
  fc.tuple(fc.constantFrom("auc", "log_loss"), scores).map(([metric, it]) => ({ metric, ...it })),
  fc.tuple(fc.constantFrom("auc", "log_loss"), columns).map(([metric, it]) => ({ metric, ...it })),
);

describe.skipIf(!hasScikit)("beside scikit-learn", () => {
  test("what is frozen is what it says today", () => {
    const cases = frozen.map(({ metric, given }) => ({ metric, ...given }));
    const odd = inScikit(cases).flatMap((now, i) =>
      Math.abs((now ?? NaN) - (frozen[i]?.expected ?? NaN)) < 1e-14
        ? []
        : [{ now, frozen: frozen[i] }],
    );
    expect(odd).toEqual([]);
  });

  test("random cases that have a value have the same value", { timeout: 120_000 }, () =>
    fc.assert(
      fc.property(fc.array(anyCase, { minLength: 300, maxLength: 300 }), (all) => {
        const cases = all.filter((one) => inNode(one).value !== undefined);
        const there = inScikit(cases);
        const odd = cases.flatMap((one, i) => {
          const [here, other] = [inNode(one).value ?? NaN, there[i] ?? NaN];
          // It refuses columns of classes that are not in truth.
          if (Number.isNaN(other)) return [];
          const isNear = Math.abs(here - other) <= 1e-9 * Math.max(1, Math.abs(other));
          return isNear ? [] : [{ one, here, other }];
        });
        expect(there.filter((it) => it !== null).length).toBeGreaterThan(cases.length / 2);
        expect(odd).toEqual([]);
      }),
      { numRuns: 1, endOnFailure: true },
    ),
  );
});
