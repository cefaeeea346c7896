/** Takes secret values out of a text that comes in pieces, wherever the pieces are cut. */

export interface Redactor {
  /** What may be shown of all text so far, beyond what was returned before; holds back what may begin a secret. */
  readonly push: (text: string) => string;
  /** The rest. */
  readonly flush: () => string;
}

const stars = "***";

/** A line of a secret that is at least this long is a secret of its own, as in a key of many lines. */
const lineLength = 8;

/** Replaces each secret by three stars; of overlapping ones the earlier, then the longer. */
export function openRedactor(secrets: readonly string[]): Redactor {
  const forms = new Set(secrets.filter((secret) => secret !== "").flatMap(formsOf));
  const known = [...forms].sort((a, b) => b.length - a.length);
  let held = "";
  if (known.length === 0) return { push: (text) => text, flush: () => "" };
  const any = new RegExp(known.map(escapePattern).join("|"), "g");
  return {
    push(text) {
      const [shown, rest] = redactSafely(held + text, any, known);
      held = rest;
      return shown;
    },
    flush() {
      const rest = held.replace(any, stars);
      held = "";
      return rest;
    },
  };
}

/** The whole text at once. */
export function redact(text: string, secrets: readonly string[]): string {
  const redactor = openRedactor(secrets);
  return redactor.push(text) + redactor.flush();
}

/** `request` with the secrets taken out of the values of its params and tags, however deep they stand in it. */
export function redactValues<T>(request: T, secrets: readonly string[]): T {
  if (secrets.length === 0 || typeof request !== "object" || request === null) return request;
  if (Array.isArray(request)) return request.map((item) => redactValues(item, secrets)) as T;
  const fields = Object.entries(request).map(([name, value]): [string, unknown] => [
    name,
    name === "value" && typeof value === "string"
      ? redact(value, secrets)
      : redactValues(value as unknown, secrets),
  ]);
  return Object.fromEntries(fields) as T;
}

/** The secret as it is, as JSON and messages on one line spell it, and its lines. */
function formsOf(secret: string): readonly string[] {
  const oneLine = secret.replace(/\s*\n\s*/g, " ").trim();
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= lineLength);
  return [secret, JSON.stringify(secret).slice(1, -1), oneLine, ...lines].filter(Boolean);
}

function escapePattern(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}

/** What can be decided of `text`, and the rest, which begins where a secret may begin that is not complete yet. */
function redactSafely(text: string, any: RegExp, secrets: readonly string[]): [string, string] {
  let shown = "";
  let from = 0;
  let open = openStart(text, from, secrets);
  for (const match of text.matchAll(any)) {
    // A secret that begins where a longer one may still be coming waits for it.
    if (match.index >= open) break;
    shown += text.slice(from, match.index) + stars;
    from = match.index + match[0].length;
    if (from > open) open = openStart(text, from, secrets);
  }
  return [shown + text.slice(from, open), text.slice(open)];
}

/** The first place, not before `from`, from which the rest of the text is the beginning of a secret. */
function openStart(text: string, from: number, secrets: readonly string[]): number {
  const longest = secrets[0]?.length ?? 0;
  for (let at = Math.max(from, text.length - longest + 1); at < text.length; at++)
    if (
      secrets.some(
        (secret) => secret.length > text.length - at && secret.startsWith(text.slice(at)),
      )
    )
      return at;
  return text.length;
}
