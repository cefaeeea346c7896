/** Colours of the report: roles, so that the layout knows no escape codes. */
import type { Severity } from "./diagnostic.ts";

export type Role = Severity | "strong" | "gutter" | "fix" | "faint" | "added" | "removed";
export type Paint = (role: Role, text: string) => string;

/** Select graphic rendition codes; the sixteen colours that every terminal's theme defines. */
const codes: Readonly<Record<Role, string>> = {
  error: "1;31",
  warning: "1;33",
  strong: "1",
  gutter: "34",
  fix: "1;32",
  faint: "2",
  added: "32",
  removed: "31",
};

/** Leaves texts as they are where there is no colour. */
export function paintWith(color: boolean): Paint {
  return color ? (role, text) => `\x1b[${codes[role]}m${text}\x1b[0m` : (_, text) => text;
}
