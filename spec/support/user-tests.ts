/** Tests that a user of the package has written, run by the vitest beside it, and what came of each as a text to read. */
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Folder, root, runProgram } from "./mlpipe.ts";
import { npmEnvironment } from "./package.ts";

export interface UserTests {
  readonly code: number | null;
  /** What the tests print, and what vitest does. */
  readonly printed: string;
  /** A line a test, and below it why it has failed. What differs from time to time is in `<>`. */
  readonly outcomes: string;
}

/** What that vitest would take for its own. */
const plain = (home: string): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(npmEnvironment(home)).filter(([name]) => !/^(VITEST|NODE_ENV$)/.test(name)),
  );

/** `from`: below the repository; its files are copied into `folder`, where the package is installed. */
export async function runUserTests(
  from: string,
  folder: Folder,
  env: Readonly<Record<string, string>> = {},
): Promise<UserTests> {
  cpSync(path.join(root, from), folder.path, { recursive: true });
  const vitest = path.join(folder.path, "node_modules", "vitest", "vitest.mjs");
  const report = path.join(folder.path, "outcomes.json");
  const words = ["run", "--reporter=default", "--reporter=json", `--outputFile=${report}`];
  const ended = await runProgram(process.execPath, [vitest, ...words], {
    cwd: folder.path,
    env: { ...plain(folder.path), NO_COLOR: "1", TZ: "UTC", ...env },
  });
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as VitestReport;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    code: ended.code,
    printed: ended.stdout + ended.stderr,
    outcomes: normalise(tests.map(describeTest).join("")),
  };
}

interface VitestReport {
  readonly testResults: readonly { readonly assertionResults: readonly TestOutcome[] }[];
}
interface TestOutcome {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

function describeTest({ ancestorTitles, title, status, failureMessages }: TestOutcome): string {
  const name = [...ancestorTitles, title].join(" > ");
  const messages = failureMessages.map((message) => message.split(/\n {4}at /)[0] ?? "");
  const below = messages.join("\n").replace(/^(?=.)/gm, "    ");
  return `${status.padEnd(7)}  ${name}\n${below && `\n${below}\n\n`}`;
}

/** Times, ids and seeds that were drawn, and what follows from them. */
function normalise(text: string): string {
  return text
    .replaceAll(/\(with seed=-?\d+\)/g, "(with seed=<seed>)")
    .replaceAll(/--seed (?!7\n)\d+/g, "--seed <seed>")
    .replaceAll(/--replay (?!7:)\d+:/g, "--replay <seed>:")
    .replaceAll(/\b[0-9a-f]{32}\b/g, "<id>")
    .replaceAll(/\b\d{13}(?:\.\d+)?\b/g, "<moment>")
    .replaceAll(/(?<=<moment> +)[+-]\d.*/g, "<change>")
    .replaceAll(/(?<=metric|<moment>|before|after|difference) {2,}/g, "  ");
}
