/** L11: an edit that means nothing changes nothing. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Step } from "../../check/program.ts";
import { copyFor, runFile, wordsFor } from "./front-door.ts";
import { cachedIn } from "./l7-cache.ts";
import { type Breach, type Law, failed, held, notChecked, usualBreach } from "./law.ts";
import { breachBetween, whyNot } from "./own-law.ts";
import type { Session } from "./session.ts";

export const edits: Law = {
  id: "L11",
  title: "edits",
  counted: "edit",
  executions: "front-door",
  statement:
    "a comment, an empty line, another step change neither the results nor what the cache takes them for",
  explanation: `mlpipe itself runs the file in a copy of the project. Then every code gets a comment and an empty line before its first line, and the file a run that has nothing to do with it; where the run has steps of its own, also a step that nothing needs. What came from the cache before must come from it again, and run anew it must give the same.

Where it does not, the code reads its own text or its line numbers.`,
  async check(session) {
    const why = await whyNot(session);
    if (why !== undefined) return notChecked(why);
    const words = wordsFor(session, session.space.usual);
    const folder = await copyFor(session, "edited");
    const before = { folder, ended: await runFile(session, folder, words) };
    const unedited = await runFile(session, folder, words);
    const count = edit(session, folder);
    const after = { folder, ended: await runFile(session, folder, words) };
    const fresh = { folder, ended: await runFile(session, folder, [...words, "--no-cache"]) };
    const about = { fix: "let the code not look at its own text" };
    const what =
      "with comments, empty lines and another step in the file the run gives something else";
    const breach =
      (await breachBetween(session, before, after, { ...about, what })) ??
      (await breachBetween(session, before, fresh, { ...about, what })) ??
      rerunBreach(session, cachedIn(unedited.events), cachedIn(after.ended.events));
    return breach ? failed(count, [breach]) : held(count);
  },
};

function rerunBreach({ space }: Session, before: number, after: number): Breach | undefined {
  if (after >= before) return undefined;
  const what =
    "comments, empty lines and another step in the file make steps run again that the cache has";
  const difference = `steps from the cache: ${before} → ${after}`;
  return usualBreach(space, what, "see why: mlpipe why", { difference });
}

/** Answers how many edits it has made in the copy of the project. */
function edit({ run, program }: Session, folder: string): number {
  const files = new Map<string, string[]>();
  const linesOf = (file: string): string[] => {
    const lines = files.get(file) ?? readFileSync(path.join(folder, file), "utf8").split("\n");
    files.set(file, lines);
    return lines;
  };
  // From the last line to the first, so that places hold. What a template of the standard library brings is nobody's to edit.
  const codes = run.steps
    .filter(({ code }) => existsSync(path.join(folder, fileOf(code))))
    .toSorted((a, b) => firstLine(b) - firstLine(a));
  for (const { code, language } of codes) {
    const comment = language === "r" ? "# nothing of importance" : "// nothing of importance";
    const lines = linesOf(fileOf(code));
    if (!isDirective(lines) || code.kind === "fence")
      lines.splice(code.kind === "fence" ? code.line - 1 : 0, 0, comment, "");
  }
  const [first] = run.steps;
  const isSplit = first !== undefined && !first.implicit;
  const isInserted = isSplit && insertStep(run.name, linesOf(program.file));
  linesOf(program.file).push(...unrelatedRun);
  for (const [file, lines] of files) writeFileSync(path.join(folder, file), lines.join("\n"));
  return codes.length + (isInserted ? 2 : 1);
}

function fileOf(code: Step["code"]): string {
  return code.kind === "fence" ? code.file : code.path;
}

function firstLine({ code }: Step): number {
  return code.kind === "fence" ? code.line : 0;
}

/** `#!/usr/bin/env Rscript` must stay the first line. */
function isDirective([first = ""]: readonly string[]): boolean {
  return first.startsWith("#!");
}

const unrelated = ["```js", "const nothing = 1", "```"];
const unrelatedRun = ["", "run mlpipe_unrelated {", ...unrelated, "}", ""];

/** Behind the line that opens the run; false where it does not stand in this file. */
function insertStep(run: string, lines: string[]): boolean {
  const opening = new RegExp(`^\\s*run\\s+${run}\\s*\\{\\s*$`, "u");
  const at = lines.findIndex((line) => opening.test(line));
  if (at >= 0) lines.splice(at + 1, 0, "step mlpipe_unrelated_step {", ...unrelated, "}");
  return at >= 0;
}
