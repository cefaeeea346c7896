/** Digests of the normal forms of code, remembered on disk, so that code which has not changed is not parsed again. */
import path from "node:path";
import type { Language } from "../../check/program.ts";
import { type Digest, digestOf } from "./digest.ts";
import { openDigestMemory } from "./digest-memory.ts";
import { normalFormsOfR } from "./normal-r.ts";

export interface LanguageText {
  readonly language: Language;
  readonly text: string;
}

export interface NormalPlaces {
  /** The cache's folder. */
  readonly root: string;
  /** Undefined where R is not here, or is WebR: then only equal texts are equal. */
  readonly rscript: string | undefined;
}

/** Begins what is kept, so that a later way to make them is not mixed with this one. */
const edition = 1;

/** In the order of `codes`. Code that cannot be parsed means what stands in it, letter by letter. */
export async function normalDigests(
  codes: readonly LanguageText[],
  places: NormalPlaces,
): Promise<readonly Digest[]> {
  const raw = codes.map(({ language, text }) =>
    digestOf(JSON.stringify([edition, language, language === "r" ? places.rscript : null, text])),
  );
  const known = new Map<Digest, Digest>();
  const memory = openDigestMemory(places.root, "code");
  for (const digest of new Set(raw)) {
    const form = memory.recall(digest);
    if (form) known.set(digest, form);
  }
  const unknown = codes.map((code, index) => ({ ...code, raw: raw[index] as Digest }));
  const made = await makeForms(
    unknown.filter(({ raw: digest }) => !known.has(digest)),
    places,
  );
  for (const [digest, form] of made) {
    known.set(digest, form);
    memory.remember(digest, form);
  }
  return raw.map((digest) => known.get(digest) ?? digest);
}

type Unknown = LanguageText & { readonly raw: Digest };

async function makeForms(
  codes: readonly Unknown[],
  places: NormalPlaces,
): Promise<ReadonlyMap<Digest, Digest>> {
  const made = new Map<Digest, Digest>();
  const put = (raw: Digest, form: string | Buffer | undefined): void =>
    void made.set(raw, form === undefined ? raw : digestOf(form));
  const ofR = codes.filter(({ language }) => language === "r");
  if (ofR.length > 0 && places.rscript !== undefined) {
    const texts = ofR.map(({ text }) => text);
    const forms = await normalFormsOfR(texts, places.rscript, path.join(places.root, "tmp"));
    for (const { raw, text } of ofR) if (forms.has(text)) put(raw, forms.get(text));
  }
  for (const { raw, text, language } of codes) {
    if (language === "r") continue;
    const { normalFormOfJs } = await import("./normal-js.ts");
    put(raw, await normalFormOfJs(text, language));
  }
  return made;
}
