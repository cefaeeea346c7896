/** Python's `str.format` as far as texts need it: `{name}`, `{name!r}`, `{name:>5}`, `{{` and `}}`. */
import { pythonRepr } from "./python-value.ts";

export type FormatPart = string | FormatField;

export interface FormatField {
  readonly name: string;
  readonly conversion: "" | "s" | "r" | "a";
  /** Behind the colon; empty: as it is. */
  readonly spec: string;
}

/** Why Python, or this part of it, does not take the template. One line each. */
export interface FormatProblem {
  readonly problem: string;
  readonly fix: string;
}

const doubling = "double braces that are meant as they are: {{ and }}";

/** The texts and fields of a template, in order. */
export function parseFormat(template: string): readonly FormatPart[] | FormatProblem {
  const parts: FormatPart[] = [];
  let text = "";
  for (let at = 0; at < template.length;) {
    const character = template[at] ?? "";
    if (character !== "{" && character !== "}") {
      text += character;
      at += 1;
    } else if (template[at + 1] === character) {
      text += character;
      at += 2;
    } else if (character === "}") {
      return { problem: "a `}` closes nothing", fix: doubling };
    } else {
      const end = fieldEnd(template, at);
      if (end === undefined) return { problem: "a `{` is never closed", fix: doubling };
      const field = readField(template.slice(at + 1, end));
      if ("problem" in field) return field;
      parts.push(text, field);
      text = "";
      at = end + 1;
    }
  }
  return [...parts, text].filter((part) => part !== "");
}

/** Index of the brace that closes the one at `start`. */
function fieldEnd(template: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < template.length; at++) {
    if (template[at] === "{") depth += 1;
    if (template[at] === "}") depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

function readField(inside: string): FormatField | FormatProblem {
  const [, name = "", mark, conversion = "", colon, spec = ""] =
    /^([^!:]*)(!([^:]*))?(:(.*))?$/s.exec(inside) ?? [];
  const written = `{${inside}}`;
  if (inside.includes("{")) return { problem: `\`${written}\` holds a brace`, fix: doubling };
  if (name === "" || /^\d+$/.test(name))
    return { problem: `\`${written}\` has no name`, fix: doubling };
  if (/[.[]/.test(name))
    return { problem: `\`${written}\` asks for a part of a value`, fix: doubling };
  if (mark !== undefined && !/^[sra]$/.test(conversion))
    return { problem: `\`!${conversion}\` converts nothing`, fix: "Python has !s, !r and !a" };
  if (colon !== undefined && !layout.test(spec))
    return {
      problem: `\`:${spec}\` is no layout of a text`,
      fix: "such as {name:>8} or {name:.3}",
    };
  return { name, conversion: conversion as FormatField["conversion"], spec };
}

/** Fill and side, a zero that fills, width, precision. Python has more for numbers, which no value here is. */
const layout = /^(?:(.)?([<>^]))?(0)?(\d{1,4})?(?:\.(\d{1,4}))?s?$/su;

/** The text that stands for `value` where the field is. */
export function formatField({ conversion, spec }: FormatField, value: string): string {
  const [, fill, side = "<", zero, width = "0", precision] = layout.exec(spec) ?? [];
  const characters = Array.from(convert(conversion, value));
  const kept = precision === undefined ? characters : characters.slice(0, Number(precision));
  const missing = Math.max(0, Number(width) - kept.length);
  const before = side === ">" ? missing : side === "^" ? Math.floor(missing / 2) : 0;
  const filler = fill ?? (zero ? "0" : " ");
  return filler.repeat(before) + kept.join("") + filler.repeat(missing - before);
}

function convert(conversion: FormatField["conversion"], value: string): string {
  if (conversion === "" || conversion === "s") return value;
  const shown = pythonRepr({ kind: "text", value });
  return conversion === "r" ? shown : shown.replaceAll(/[^\0-\x7f]/gu, escapeBeyondAscii);
}

function escapeBeyondAscii(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
