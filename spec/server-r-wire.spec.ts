/**
 * The requests of the R client {mlflow}, replayed: recorded with versions 3.10.1 and 1.30.0 in R 4.2 against a server that answered
 * everything, byte for byte, in the order in which the client sent them. Ids of runs are put in the place of those recorded.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, openTestServer, type Answered, type TestServer } from "./support/server.ts";

interface Recorded {
  readonly section: string;
  readonly method: string;
  readonly url: string;
  readonly contentType?: string;
  readonly body?: string;
}
interface Replayed extends Recorded {
  readonly endpoint: string;
  readonly answered: Answered;
}
type Values = Readonly<Record<string, unknown>>;

const recordings = readFileSync(join(import.meta.dirname, "support", "r-wire.ndjson"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

/** Where a faithful server cannot do what the recording one did, and what the state has to be for the rest. */
const refused: readonly { readonly when: RegExp; readonly status: number; readonly why: string }[] =
  [
    {
      when: /get-by-name\?experiment_name=%2FShared%2F(name|old) .*(does not exist yet|OLD CLIENT)/,
      status: 404,
      why: "the client asks, and then makes it",
    },
    { when: /experiments\/get\?experiment_id=99 /, status: 404, why: "asked for on purpose" },
    { when: /runs\/get\?run_uuid=nope/, status: 404, why: "asked for on purpose" },
    { when: /"value":null/, status: 400, why: "a metric needs a value; R's NA is none" },
    { when: /delete-tag/, status: 404, why: "no tag of that name was set" },
    { when: /^\/prefix\//, status: 404, why: "the prefix is a proxy's" },
  ];

async function replay({ url: server, folder, tracking }: TestServer): Promise<readonly Replayed[]> {
  const ids = new Map<string, string>();
  const replayed: Replayed[] = [];
  const map = (text: string): string =>
    text
      .replace(/[0-9a-f]{32}/g, (id) => ids.get(id) ?? id)
      .replaceAll("STORE/", `${folder}/`)
      .replace('"source":"runs:/x/model","run_id":"x"', () => modelOf([...ids.values()][0] ?? ""));
  for (const [at, recorded] of recordings.entries()) {
    const { method, url, body, contentType, section } = recorded;
    // The recording server kept the model's old name.
    if (url.endsWith("registered-models/update"))
      await tracking.call("registered-models/rename", { name: "rm2", new_name: "rm" });
    const answered = await ask(server + map(url), {
      method,
      ...(body !== undefined && { body: map(body) }),
      ...(contentType !== undefined && { headers: { "content-type": contentType } }),
    });
    const endpoint = /mlflow\/([^?]*)/.exec(url)?.[1] ?? "";
    if (endpoint === "runs/create") ids.set(createdId(at), idIn(answered));
    replayed.push({
      method,
      url,
      section,
      endpoint,
      answered,
      ...(body !== undefined && { body }),
    });
  }
  return replayed;
}

function modelOf(runId: string): string {
  return `"source":"runs:/${runId}/model","run_id":"${runId}"`;
}

/** The client asks for each run that it has made; so the next recording that names one, names this. */
function createdId(at: number): string {
  const next = recordings.slice(at + 1).find(({ url }) => /run_uuid=[0-9a-f]{32}/.test(url));
  return /run_uuid=([0-9a-f]{32})/.exec(next?.url ?? "")?.[1] ?? "";
}

function idIn({ json }: Answered): string {
  return (json as { run: { info: { run_uuid: string } } }).run.info.run_uuid;
}

function expectedStatus({ url, section, body = "" }: Recorded): number {
  return refused.find(({ when }) => when.test(`${url} ${section} ${body}`))?.status ?? 200;
}

function keySets(values: readonly Values[], optional: readonly string[]): Set<string> {
  return new Set(
    values.map((each) =>
      Object.keys(each)
        .filter((key) => !optional.includes(key))
        .toSorted()
        .join(),
    ),
  );
}

let replayed: readonly Replayed[] = [];

beforeAll(async () => {
  const server = await openTestServer();
  try {
    replayed = await replay(server);
  } finally {
    await server.close();
  }
});

/** The answers to calls of these endpoints that went well. */
function answersTo(...endpoints: readonly string[]): readonly Values[] {
  const found = replayed.filter(
    ({ endpoint, answered }) => endpoints.includes(endpoint) && answered.status === 200,
  );
  expect(found.length).toBeGreaterThan(0);
  return found.map(({ answered }) => answered.json as Values);
}

describe("the R client", () => {
  test("gets 200 and a JSON object for all that it asks, but where it must not", () => {
    const statuses = replayed.map((each) => [
      each.section,
      each.method,
      each.url,
      each.body,
      each.answered.status,
    ]);
    expect(statuses).toEqual(
      recordings.map((each) => [
        each.section,
        each.method,
        each.url,
        each.body,
        expectedStatus(each),
      ]),
    );
    for (const { answered } of replayed) {
      expect(answered.headers.get("content-type")).toBe("application/json");
      expect(answered.json).toBeTypeOf("object");
    }
  });

  test("finds no null in any answer, of which it cannot make a table", () => {
    for (const { answered } of replayed) expect(answered.text).not.toMatch(/[:[,]null/);
  });

  test("reads the code of an error first, and learns that an experiment has to be made by either of its ways", () => {
    const failed = replayed.filter(({ answered }) => answered.status !== 200);
    for (const { answered } of failed.filter(({ url }) => !url.startsWith("/prefix")))
      expect(answered.text).toMatch(/^\{"error_code":"[A-Z_]+","message":"/);
    const unknown = failed.filter(({ endpoint }) => endpoint === "experiments/get-by-name");
    expect(unknown.map(({ answered }) => answered.json)).toEqual(
      ["/Shared/name", "/Shared/old"].map((name) => ({
        error_code: "RESOURCE_DOES_NOT_EXIST",
        message: expect.stringContaining(`Could not find experiment with name '${name}'`),
      })),
    );
  });

  test("gets the run's id by its old name and its new one, and what the run is", () => {
    for (const { run } of answersTo("runs/create", "runs/get") as readonly {
      run: { info: Values };
    }[]) {
      expect(run.info).toMatchObject({
        run_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        run_uuid: run.info["run_id"],
        run_name: expect.stringMatching(/./),
        experiment_id: expect.stringMatching(/^\d+$/),
        user_id: expect.any(String),
        status: expect.any(String),
        start_time: expect.any(Number),
        artifact_uri: expect.any(String),
        lifecycle_stage: "active",
      });
      for (const value of Object.values(run.info))
        expect(["string", "number"]).toContain(typeof value);
    }
    for (const { run_info } of answersTo("runs/update") as readonly { run_info: Values }[])
      expect(run_info["run_uuid"]).toBe(run_info["run_id"]);
  });

  test("gets metrics that have the same fields, all of them", () => {
    const metrics = [
      ...(
        answersTo("runs/get", "runs/create") as readonly { run: { data: { metrics?: Values[] } } }[]
      ).flatMap(({ run }) => run.data.metrics ?? []),
      ...(answersTo("metrics/get-history") as readonly { metrics?: Values[] }[]).flatMap(
        (answer) => answer.metrics ?? [],
      ),
    ];
    expect(keySets(metrics, [])).toEqual(new Set(["key,step,timestamp,value"]));
    expect(metrics.find(({ key }) => key === "s")).toMatchObject({ step: 100_000, value: 1 });
    expect(metrics.find(({ key }) => key === "ts")).toMatchObject({ timestamp: 1_700_000_000_124 });
  });

  test("gets runs that it can lay one below the other, under the one name it looks for", () => {
    /** What it fills in itself where a run has none. */
    const filled = ["end_time", "user_id", "artifact_uri"];
    for (const answer of answersTo("runs/search")) {
      expect(Object.keys(answer).filter((key) => key.startsWith("run"))).toEqual(
        "runs" in answer ? ["runs"] : [],
      );
      const infos = ((answer["runs"] ?? []) as readonly { info: Values }[]).map(({ info }) => info);
      expect(keySets(infos, filled).size).toBeLessThanOrEqual(1);
    }
    expect(
      answersTo("runs/search").some(({ runs }) => (runs as readonly unknown[] | undefined)?.length),
    ).toBe(true);
  });

  test("gets experiments that it can lay one below the other", () => {
    const experiments = [
      ...(
        answersTo("experiments/search", "experiments/list") as readonly { experiments?: Values[] }[]
      ).flatMap((answer) => answer.experiments ?? []),
      ...(
        answersTo("experiments/get", "experiments/get-by-name") as readonly { experiment: Values }[]
      ).map(({ experiment }) => experiment),
    ];
    expect(keySets(experiments, ["tags"])).toEqual(
      new Set([
        "artifact_location,creation_time,experiment_id,last_update_time,lifecycle_stage,name",
      ]),
    );
    for (const { experiment_id } of answersTo("experiments/create"))
      expect(experiment_id).toMatch(/^\d+$/);
  });

  test("gets the root of artifacts, and the parts of the registry that it prints", () => {
    for (const { root_uri } of answersTo("artifacts/list"))
      expect(root_uri).toMatch(/^mlflow-artifacts:/);
    for (const answer of answersTo(
      "registered-models/create",
      "registered-models/get",
      "registered-models/rename",
      "registered-models/update",
    ))
      expect(answer).toMatchObject({ registered_model: { name: expect.stringMatching(/^rm/) } });
    for (const answer of answersTo(
      "model-versions/create",
      "model-versions/get",
      "model-versions/update",
      "model-versions/transition-stage",
    ))
      expect(answer).toMatchObject({ model_version: { name: "rm", version: "1" } });
  });
});
