/** Steps of the artifact proxy: files that are put, fetched, listed and deleted, at plain paths and at odd ones. */
import fc from "fast-check";
import { encodePath, type Step } from "./step.ts";

const folders = ["/api/2.0/mlflow-artifacts/artifacts", "/ajax-api/2.0/mlflow-artifacts/artifacts"];
const root = fc.constantFrom(
  "0/{{run 0}}/artifacts",
  "0/{{run 1}}/artifacts",
  "1/models/{{model 0}}/artifacts",
  "free",
);
const file = fc.constantFrom(
  "a.txt",
  "model/a.txt",
  "model/MLmodel",
  "b.json",
  "x y/é.html",
  "c",
  "model",
);

/** Percent-encoded as they are. */
const oddPaths = [
  "",
  "/",
  ".",
  "..",
  "../x",
  "..%2fx",
  "%2e%2e/x",
  "%252e%252e%252fx",
  "a/../b",
  "a/%2e%2e/b",
  "a//b",
  "a/./b",
  "a/",
  "%2fetc%2fpasswd",
  "/etc/passwd",
  "C:/x",
  "C:%5cx",
  "a%5cb",
  "..%5cx",
  "a%23b",
  "a%3fb",
  "a%00b",
  "a%0ab",
  "a%zzb",
  "%ff",
  "file:///etc/passwd",
  "http://example.com/x",
  "a%20b",
  "a+b",
  "a;b",
  "~",
  "{{a*255}}",
  "{{a*256}}",
  "{{a/*200}}b",
  "con",
  "%F0%9D%92%B3",
];

const contents = fc.constantFrom("", "hello", "{}", '{"a": 1}', "<script>", "{{0123456789*1000}}");
const contentTypes = fc.constantFrom(
  "",
  "application/octet-stream",
  "text/plain",
  "application/json",
);

const address = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(root, file)
      .map(([at, name]) => `${at}/${name.split("/").map(encodePath).join("/")}`),
  },
  { weight: 1, arbitrary: root },
  { weight: 2, arbitrary: fc.constantFrom(...oddPaths) },
  {
    weight: 1,
    arbitrary: fc.tuple(root, fc.constantFrom(...oddPaths)).map((parts) => parts.join("/")),
  },
);
const folder = fc.constantFrom(...folders);

const put: fc.Arbitrary<Step> = fc
  .tuple(folder, address, contents, contentTypes)
  .map(([at, path, text, type]) => ({ verb: "PUT", path: `${at}/${path}`, text, type }));
const other: fc.Arbitrary<Step> = fc
  .tuple(folder, address, fc.constantFrom("GET", "GET", "GET", "DELETE", "HEAD", "POST", "PATCH"))
  .map(([at, path, verb]) => ({ verb, path: `${at}/${path}` }));
const list: fc.Arbitrary<Step> = fc
  .tuple(
    folder,
    fc.option(fc.oneof(root, fc.constantFrom(...oddPaths, "free/model", "free/a.txt", "nowhere"))),
  )
  .map(([path, of]) => ({
    verb: "GET",
    path,
    query: of === null ? [] : [["path", decode(of)]],
  }));
const listOfRun: fc.Arbitrary<Step> = fc
  .constantFrom(...oddPaths, "model", "a.txt", "nowhere")
  .map((path) => ({
    verb: "GET",
    path: "/api/2.0/mlflow/artifacts/list",
    query: [
      ["run_id", "{{run 0}}"],
      ["path", decode(path)],
    ],
  }));
const multipart: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom("create", "complete", "abort"), address)
  .map(([what, path]) => ({
    verb: "POST",
    path: `/api/2.0/mlflow-artifacts/mpu/${what}/${path}`,
    body: { path: "a.txt", num_parts: 2, upload_id: "u", parts: [] },
  }));
/** How a browser fetches an artifact of a run. */
const fetched: fc.Arbitrary<Step> = fc
  .constantFrom(...oddPaths, "model/a.txt", "a.txt", "nowhere")
  .map((path) => ({
    verb: "GET",
    path: "/get-artifact",
    query: [
      ["run_id", "{{run 0}}"],
      ["path", decode(path)],
    ],
  }));

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export const artifactStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: put },
  { weight: 5, arbitrary: other },
  { weight: 2, arbitrary: list },
  { weight: 2, arbitrary: listOfRun },
  { weight: 1, arbitrary: multipart },
  { weight: 1, arbitrary: fetched },
);
