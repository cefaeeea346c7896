/** Artifacts and models: what a run stores, in which format, and where. */
import type { ArtifactItem, ModelItem, ModelOption, Module, Name } from "../syntax/ast.ts";
import { readOutputPath } from "./artifact-paths.ts";
import { type CheckContext, placeIn, say } from "./context.ts";
import { variableOf } from "./keys.ts";
import { only, readable } from "./items.ts";
import { docOf } from "./params.ts";
import type { Artifact, Flavor, Format, Model } from "./program.ts";
import { sayUnknown } from "./scope.ts";
import { readTags } from "./tags.ts";
import { type HoleNames, fixedText } from "./texts.ts";

const endings: Readonly<Record<Format, string>> = {
  csv: ".csv",
  json: ".json",
  text: ".txt",
  rds: ".rds",
  parquet: ".parquet",
  png: ".png",
  html: ".html",
  file: "",
  folder: "",
};
const flavors: readonly Flavor[] = ["crate", "file", "folder"];

/** The format that a file's name shows; `file` where it shows none. */
export function formatOf(path: string): Format {
  const ending = /\.[^./]*$/u.exec(path)?.[0].toLowerCase() ?? "";
  if (ending === ".htm") return "html";
  for (const [format, its] of Object.entries(endings))
    if (its !== "" && its === ending) return format as Format;
  return "file";
}

/** Without a format, the ending of `at` decides; without `at`, the path is the key with the format's ending. */
export function readArtifact(context: CheckContext, module: Module, item: ArtifactItem): Artifact {
  const { key, at } = item;
  const named = item.format?.name;
  const fallback = { path: `${key.text}${endings[named ?? "file"]}`, span: key.span };
  const path = readOutputPath(context, module, at, fallback);
  return {
    key: key.text,
    variable: variableOf(key),
    format: named ?? formatOf(path),
    path,
    doc: docOf(context, module, item),
    place: placeIn(module, key.span),
  };
}

export function readModel(
  context: CheckContext,
  module: Module,
  item: ModelItem,
  holes: HoleNames,
): Model {
  const { key } = item;
  const options = readable(item.block);
  return {
    key: key.text,
    variable: variableOf(key),
    flavor: readFlavor(context, module, item.flavor),
    path: readOutputPath(context, module, item.at, { path: key.text, span: key.span }),
    register: readRegister(context, module, options),
    probe: only(context, module, options, "probe")?.variable.text,
    packages: options.flatMap((it) => (it.kind === "packages" ? it.names : [])).map(textOf),
    tags: readTags(context, module, options, holes),
    doc: docOf(context, module, item),
    place: placeIn(module, key.span),
  };
}

function readFlavor(context: CheckContext, module: Module, name: Name | undefined): Flavor {
  const flavor = flavors.find((it) => it === name?.text);
  if (name && !flavor) sayUnknown(context, { module }, name, { kind: "flavor", among: flavors });
  return flavor ?? "crate";
}

function readRegister(
  context: CheckContext,
  module: Module,
  options: readonly ModelOption[],
): Model["register"] {
  const item = only(context, module, options, "register");
  if (!item) return undefined;
  const name = fixedText(context, module, item.name);
  const because = whyNoModelName(name);
  if (because !== undefined)
    say(context, "E0501", placeIn(module, item.name.span), { kind: "model", key: name, because });
  if (item.alias) checkAlias(context, module, item.alias);
  return { name, alias: item.alias?.text };
}

function whyNoModelName(name: string): string | undefined {
  if (name.trim() === "") return "it is empty";
  const strange = /[/:]/u.exec(name)?.[0];
  return strange === undefined ? undefined : `it holds "${strange}"`;
}

/** MLflow keeps `latest` and `v1`, `v2`, … for itself. */
function checkAlias(context: CheckContext, module: Module, alias: Name): void {
  if (!/^(?:latest|v\d+)$/iu.test(alias.text)) return;
  const because = "MLflow gives it a meaning of its own";
  say(context, "E0501", placeIn(module, alias.span), { kind: "alias", key: alias.text, because });
}

function textOf(name: Name): string {
  return name.text;
}
