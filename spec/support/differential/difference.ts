/** Where two answers differ, after what may differ between any two servers is taken out: the words of messages. */
import type { Answer } from "./world.ts";

/** Lines such as `body.run.info.status: "RUNNING" ≠ "FINISHED"`, MLflow's first; empty when the answers say the same. */
export function differencesBetween(theirs: Answer, ours: Answer): readonly string[] {
  return differences(comparable(theirs), comparable(ours), "");
}

/** A message is free text, but it has to be there. HTML is for people. */
function comparable(answer: Answer): unknown {
  const { status, headers, body } = answer;
  if (status >= 400 && headers["content-type"]?.startsWith("text/html") === true)
    return { status, headers };
  return { status, headers, body: withoutWords(body) };
}

function withoutWords(body: unknown): unknown {
  if (typeof body !== "object" || body === null || !("error_code" in body)) return body;
  const { message, ...rest } = body as Readonly<Record<string, unknown>>;
  return { ...rest, message: typeof message === "string" && message !== "" ? "⟨words⟩" : message };
}

function differences(theirs: unknown, ours: unknown, path: string): readonly string[] {
  if (Object.is(theirs, ours) || isSameNumber(theirs, ours)) return [];
  if (isTree(theirs) && isTree(ours) && Array.isArray(theirs) === Array.isArray(ours)) {
    const names = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    return [...names].flatMap((name) =>
      differences(theirs[name], ours[name], path === "" ? name : `${path}.${name}`),
    );
  }
  return [`${path}: ${show(theirs)} ≠ ${show(ours)}`];
}

/** A double without a fraction may be written like a whole number. */
function isSameNumber(one: unknown, other: unknown): boolean {
  return (
    (typeof one === "bigint" && typeof other === "number" && Number(one) === other) ||
    (typeof other === "bigint" && typeof one === "number" && Number(other) === one)
  );
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  if (value === undefined) return "absent";
  if (typeof value === "bigint") return String(value);
  const text = Object.is(value, -0) ? "-0" : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
