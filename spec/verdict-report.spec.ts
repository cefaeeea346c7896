/** What `replay` and `verify` write with --html, as the browser's reader gets it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { type Ended, mlpipe, temporaryFolder } from "./support/mlpipe.ts";

const random = `mlpipe 1

run draw {
  metric level
  artifact dot: file at "dot.svg"
  artifact fixed: json

  \`\`\`js
  import { writeFileSync } from "node:fs"
  const level = Math.random()
  writeFileSync("dot.svg", \`<svg xmlns="http://www.w3.org/2000/svg"><circle r="\${level}"/></svg>\`)
  const fixed = { name: "<b>bold</b>" }
  \`\`\`
}
`;

/** Texts of a page without its tags, style and white space. */
function textOf(html: string): string {
  const body = html.replace(/^[^]*<body>/, "").replaceAll(/<[^>]*>/g, " ");
  return body.replaceAll(/\s+/g, " ");
}

test("a replay that differs shows both values and both pictures, and what to do next", async () => {
  using folder = temporaryFolder();
  folder.write("draw.mlpipe", random);
  const words = (...given: readonly string[]): Promise<Ended> =>
    mlpipe([...given], { cwd: folder.path });
  expect((await words("run", "draw.mlpipe")).code).toBe(0);
  const replayed = await words("replay", "latest", "--html", "replay.html");
  expect(replayed.code).toBe(3);
  const html = readFileSync(path.join(folder.path, "replay.html"), "utf8");
  const text = textOf(html);
  expect(text).toMatch(/^ Replay of draw run [0-9a-f]{32} recorded again as [0-9a-f]{32} /);
  expect(text).toContain("DIFFERENT 2 of 3 outputs differ; in draw, given what was recorded");
  expect(text).toMatch(/level draw its value DIFFERENT .*recorded now difference 0 0\.\d+ 0\.\d+ /);
  expect(text).toContain("fixed draw same bytes IDENTICAL");
  expect(text).toMatch(/to be sure: mlpipe replay [0-9a-f]{32} --diagnose/);
  expect(html.match(/src="data:image\/svg\+xml;base64,[^"]+"/g)).toHaveLength(2);
});

test("a verification shows each law, and repeats a breach by the command that it names", async () => {
  using folder = temporaryFolder();
  folder.write("draw.mlpipe", random);
  const options = ["--law", "L1,L14", "--seed", "7", "--diagnose", "--html", "verify.html"];
  const verified = await mlpipe(["verify", "draw.mlpipe", ...options], { cwd: folder.path });
  expect(verified.code).toBe(3);
  const text = textOf(readFileSync(path.join(folder.path, "verify.html"), "utf8"));
  expect(text).toContain("Verification of draw file draw.mlpipe");
  expect(text).toContain("BROKEN L1 repeat");
  expect(text).toMatch(/repeat mlpipe verify draw\.mlpipe draw --law L1 --replay 7:0/);
  expect(text).toMatch(
    /The cause random numbers without a seed step draw, draw\.mlpipe:10 confidence:/,
  );
  expect(text).toContain("no metric is promised as a distribution not checked");
});

test.each([
  [
    "reports/it.html",
    "reports/it.html cannot be written: there is no folder reports",
    "make it: mkdir -p reports",
  ],
  [".", ". is a folder", "name a file in it"],
  ["draw.mlpipe", "draw.mlpipe is a pipeline", "name another file"],
])("a report as %s is refused before anything is performed", async (target, said, fix) => {
  using folder = temporaryFolder();
  folder.write("draw.mlpipe", random);
  for (const words of [
    ["replay", "latest"],
    ["verify", "draw.mlpipe"],
  ]) {
    const { code, stdout, stderr } = await mlpipe([...words, "--html", target], {
      cwd: folder.path,
    });
    expect([code, stdout, stderr]).toEqual([2, "", `mlpipe: ${said}\n  ${fix}\n`]);
  }
  expect(readFileSync(path.join(folder.path, "draw.mlpipe"), "utf8")).toBe(random);
});
