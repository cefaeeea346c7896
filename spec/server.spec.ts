/** The tracking server, asked over HTTP. */
import { describe, expect, test } from "vitest";
import { ask, startServer } from "./support/server.ts";

describe("the calls of the endpoint table", () => {
  test("a call is answered at each address where clients of some time look for it", async () => {
    const { url } = await startServer();
    for (const prefix of ["api/2.0/mlflow", "ajax-api/2.0/mlflow", "api/2.0/preview/mlflow"]) {
      const { status, json } = await ask(`${url}/${prefix}/experiments/get?experiment_id=0`);
      expect({ prefix, status }).toEqual({ prefix, status: 200 });
      expect(json).toMatchObject({
        experiment: {
          experiment_id: "0",
          name: "Default",
          artifact_location: "mlflow-artifacts:/0",
        },
      });
    }
  });

  test("what is made by one call is found by the next", async () => {
    const { url } = await startServer();
    const api = `${url}/api/2.0/mlflow`;
    const made = await ask(`${api}/runs/create`, { body: { run_name: "first" } });
    expect(made.json).toMatchObject({ run: { info: { run_name: "first", status: "RUNNING" } } });
    const { run } = made.json as { run: { info: { run_id: string } } };
    const found = await ask(`${api}/runs/get?run_uuid=${run.info.run_id}`);
    expect(found.json).toEqual({ run: { ...run, outputs: {} } });
  });
});
