/** A template's arguments in the plan: variables of one step, not params of the run. */
import { describe, expect, it } from "vitest";
import { lower } from "../src/plan/lower.ts";
import { fence, programOf } from "./support/program.ts";

const text = `mlpipe 1
step fit {
  param cp: float
  param label = "small"
  metric m
  env { LABEL = "\${label} \${cp}" }
${fence("m <- cp + nchar(label)")}
}
run r {
  param share: int = 1
  step one = fit { cp = share }
}
`;

describe("a step made from a template", () => {
  const plan = lower(programOf(text), "r", { params: { share: 2 }, adopt: false });
  const step = plan.kind === "run" ? plan.actions.find(({ kind }) => kind === "step") : undefined;

  it("gets values and params of the run under the template's names and types", () => {
    expect(step).toMatchObject({
      params: [
        { name: "cp", type: "float", value: 2 },
        { name: "label", type: "string", value: "small" },
      ],
      env: { LABEL: "small 2" },
    });
  });

  it("logs none of them as a param of the run", () => {
    expect(plan.kind === "run" && plan.params.map(({ name }) => name)).toEqual(["share"]);
  });
});
