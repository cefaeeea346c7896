/** What the text of the code says about its variables; by patterns, for messages only. */
import { nearest } from "./nearest.mjs";
import { Problem } from "./problem.mjs";

/** Names that the code declares. @param {string} code @returns {Set<string>} */
export function declaredNames(code) {
  const names = new Set();
  for (const [, one, several] of code.matchAll(
    /\b(?:const|let|var|function\*?|class)\s+(?:([\p{ID_Start}$_][\p{ID_Continue}$]*)|[[{]([^=]*)[\]}]\s*=)/gu,
  )) {
    if (one !== undefined) names.add(one);
    for (const [name] of (several ?? "").matchAll(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu))
      names.add(name);
  }
  return names;
}

/** The line, from 1, that assigns `name` last; undefined when none does. @param {string} code @param {string} name */
export function assigningLine(code, name) {
  const plain = name.replaceAll("$", "\\$");
  const pattern = new RegExp(
    `(?<![\\p{ID_Continue}$.])${plain}\\s*(?:=(?![=>])|[-+*/]=)|\\b(?:function|class)\\s+${plain}(?![\\p{ID_Continue}$])`,
    "gu",
  );
  return lineAt(code, [...code.matchAll(pattern)].at(-1)?.index);
}

/** The line, from 1, that holds `text` in quotes first. @param {string} code @param {string} text */
export function quotingLine(code, text) {
  const places = ["'", '"', "`"]
    .map((mark) => code.indexOf(mark + text + mark))
    .filter((at) => at >= 0);
  return lineAt(code, places.length === 0 ? undefined : Math.min(...places));
}

/** @param {string} code @param {number | undefined} offset */
function lineAt(code, offset) {
  return offset === undefined ? undefined : code.slice(0, offset).split("\n").length;
}

/** Names that may have to be handed out: of outputs, of arguments of standard calls, of probes. @param {import("../../src/run/protocol.ts").StepFile} step @returns {string[]} */
export function wantedNames({ metrics, artifacts, models }) {
  const called = metrics.flatMap(({ call }) => call?.arguments ?? []);
  const names = [
    ...[...metrics, ...artifacts, ...models].map(({ variable }) => variable),
    ...called.map((argument) => ("variable" in argument ? argument.variable : null)),
    ...models.map(({ probe }) => probe),
  ];
  return [...new Set(names.filter((name) => name !== null))];
}

/** Words R0801, with the variable that may be meant. @param {string} kind @param {string} name @param {string} code @returns {Problem} */
export function missingOutput(kind, name, code) {
  const near = nearest(
    name,
    [...declaredNames(code)].filter((it) => it !== name),
  );
  const hint = near === undefined ? "" : `; the code has \`${near}\`, is that the one?`;
  return new Problem(
    "R0801",
    `the ${kind} \`${name}\` is declared, but the code did not produce it${hint}`,
    `assign \`${name}\` before the code ends, or remove the declaration of the ${kind}`,
  );
}
