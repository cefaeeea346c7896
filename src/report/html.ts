/** Texts of users in HTML, in its attributes, and in a script element: they are shown, and steer nothing. */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** HTML that was made here; texts go into it through `markup` alone. */
export interface Html {
  readonly html: string;
}

type Part = string | number | Html | readonly Html[];

/** Texts in the holes are escaped; HTML is taken as it is. */
export function markup(fixed: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: fixed.map((text, at) => text + partText(parts[at])).join("") };
}

function partText(part: Part | undefined): string {
  if (part === undefined) return "";
  if (typeof part === "number") return String(part);
  if (typeof part === "string") return part.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
  return "html" in part ? part.html : part.map((one) => one.html).join("");
}

/** JSON that may stand in a script element: nothing in it can end the element, or begin a comment. */
export function scriptJson(value: unknown): Html {
  return { html: JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e") };
}
