/** Reads a manifest that was recorded. Fields that it does not know are left alone, whatever else is not as it must be is told. */
import { isDigest } from "../cache/digest.ts";
import { isHexFloat } from "../hex-float.ts";
import type { Manifest } from "./manifest.ts";

type Fields = Readonly<Record<string, unknown>>;
/** The place of what is wrong, as `.steps[2].seed`; undefined: nothing is. */
type Check = (value: unknown) => string | undefined;

const holds =
  (is: (value: unknown) => boolean): Check =>
  (it) =>
    is(it) ? undefined : "";
const isObject = (it: unknown): it is Fields =>
  typeof it === "object" && it !== null && !Array.isArray(it);
const text = holds((it) => typeof it === "string");
const flag = holds((it) => typeof it === "boolean");
const whole = holds((it) => Number.isSafeInteger(it) && Number(it) >= 0);
const digest = holds(isDigest);
const integer = holds(Number.isSafeInteger);
const hex = holds((it) => typeof it === "string" && isHexFloat(it));
const word = (...words: readonly string[]): Check => holds((it) => words.some((one) => one === it));

const orNull =
  (check: Check): Check =>
  (it) =>
    it === null ? undefined : check(it);

/** Newer than the first manifests. */
const orAbsent =
  (check: Check): Check =>
  (it) =>
    it === undefined ? undefined : check(it);

const list =
  (check: Check): Check =>
  (it) => {
    if (!Array.isArray(it)) return "";
    for (const [at, one] of it.entries()) {
      const wrong = check(one);
      if (wrong !== undefined) return `[${at}]${wrong}`;
    }
    return undefined;
  };

const fields =
  (checks: Readonly<Record<string, Check>>): Check =>
  (it) => {
    if (!isObject(it)) return "";
    for (const [name, check] of Object.entries(checks)) {
      const wrong = check(it[name]);
      if (wrong !== undefined) return `.${name}${wrong}`;
    }
    return undefined;
  };

const dictionary =
  (check: Check): Check =>
  (it) => {
    if (!isObject(it)) return "";
    for (const [name, value] of Object.entries(it)) {
      const wrong = check(value);
      if (wrong !== undefined) return `.${name}${wrong}`;
    }
    return undefined;
  };

/** Below the folder that it counts from, however it is written. */
const inside = holds((it) => isStraight(it) && !/^[/\\]|^[A-Za-z]:/.test(it));
/** A place of the machine that was recorded on: what is joined to it, or it to another, leads to no folder above. */
const place = holds(isStraight);

function isStraight(it: unknown): it is string {
  return typeof it === "string" && !/(^|[/\\])\.\.([/\\]|$)|\0/.test(it);
}

const file = fields({ path: inside, sha256: digest, bytes: whole });
/** A file of the machine itself. */
const placedFile = fields({ path: text, sha256: digest, bytes: whole });

const value: Check = (it) => {
  if (Array.isArray(it)) return list(value)(it);
  if (isObject(it)) return hex(it["float"]);
  return it === null || ["boolean", "number", "string"].includes(typeof it) ? undefined : "";
};

const input: Check = (it) =>
  fields({
    variable: orNull(text),
    from: word("project", "standard", "step", "run", "machine"),
    path: isObject(it) && it["from"] === "machine" ? place : inside,
    of: orNull(inside),
    code: flag,
    folder: flag,
    files: list(file),
    kept: flag,
  })(it);

const ranProcess = fields({
  runtime: text,
  packages: list(fields({ name: text, version: text, own: flag, pinned: flag })),
  libraries: list(placedFile),
  locale: text,
  collator: text,
  generator: orNull(fields({ atStart: list(text), atEnd: list(text), state: orNull(digest) })),
  unseeded: flag,
  milliseconds: whole,
});

const step = fields({
  name: text,
  language: text,
  script: orNull(text),
  code: orNull(digest),
  params: list(fields({ name: text, type: text, value, named: orNull(flag) })),
  seed: orNull(integer),
  seededBy: orNull(word("run", "step")),
  secrets: list(text),
  inputs: list(input),
  metrics: list(fields({ key: text, points: whole, step: integer, value: text, hex })),
  outputs: list(
    fields({
      key: text,
      kind: word("artifact", "model"),
      path: inside,
      files: list(file),
      content: orAbsent(orNull(fields({ sha256: digest, version: whole }))),
    }),
  ),
  variables: dictionary(orNull(text)),
  named: dictionary(orNull(text)),
  startFiles: list(placedFile),
  process: orNull(ranProcess),
  cachedFrom: orNull(text),
  failed: orNull(fields({ code: text, message: text, place: text })),
});

const machine = fields({
  system: text,
  kernel: text,
  architecture: text,
  libc: text,
  cpu: text,
  cores: whole,
  usableCores: whole,
  umask: text,
  timeZone: text,
  node: text,
  icu: text,
  variables: dictionary(text),
});

const manifest = fields({
  mlpipe: text,
  run: text,
  file: text,
  experiment: text,
  folder: place,
  seed: orNull(integer),
  plan: file,
  sources: list(file),
  git: orNull(
    fields({
      commit: text,
      remote: text,
      folder: inside,
      changed: list(text),
      patch: orNull(file),
    }),
  ),
  machine,
  project: orNull(
    fields({
      entry: text,
      params: list(fields({ name: text, text, value: text })),
      environment: text,
      dockerWords: list(text),
    }),
  ),
  steps: list(step),
  lacks: list(fields({ what: text, why: text, fix: text })),
});

/** The manifest, or why it is none: the end of a sentence that begins with what was read. */
export function readManifest(source: string): Manifest | { readonly problem: string } {
  const found = parse(source);
  if (!isObject(found)) return { problem: "is no JSON object" };
  const version = found["manifest"];
  if (typeof version === "number" && version > 1)
    return { problem: `is of version ${version}, which a newer mlpipe has written` };
  if (version !== 1) return { problem: "is no manifest of mlpipe" };
  const wrong = manifest(found);
  return wrong === undefined
    ? completed(found as unknown as Manifest)
    : { problem: `is damaged at ${wrong.slice(1)}` };
}

/** An older mlpipe has recorded nothing of what outputs mean. */
function completed(found: Manifest): Manifest {
  const steps = found.steps.map((step) => ({
    ...step,
    outputs: step.outputs.map((output) => ({ ...output, content: output.content ?? null })),
  }));
  return { ...found, steps };
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
