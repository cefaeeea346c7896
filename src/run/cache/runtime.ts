/** What executes a step's code, as part of the key: the interpreter and mlpipe's own runtime in it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Language } from "../../check/program.ts";
import { nodeRuntime } from "../node.ts";
import { type FoundR, findR, rRuntime } from "../r.ts";
import type { Component } from "./component.ts";
import { type Digest, digestOfPath } from "./digest.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The files of mlpipe do not change while it runs. */
const known = new Map<string, Promise<Digest | undefined>>();

/** R's own version is that of its package `base`, which is known once a step has run. */
export async function runtimeComponents(
  language: Language,
  env: Environment,
  folder: string,
): Promise<readonly Component[]> {
  const its = language === "r" ? rRuntime : nodeRuntime;
  const runtime = known.get(its) ?? digestOfPath(its);
  known.set(its, runtime);
  const digest = await runtime;
  if (digest === undefined) throw new Error(`mlpipe's own runtime is not in ${its}`);
  return [
    {
      name: "interpreter",
      value: language === "r" ? nameOfR(findR(env, folder)) : `Node ${process.versions.node}`,
    },
    { name: "mlpipe", value: digest },
  ];
}

function nameOfR(found: FoundR): string {
  switch (found.kind) {
    case "rscript":
      return found.path;
    case "webr":
      return `WebR ${versionOfWebr(found.entry)}`;
    case "none":
      return "none";
    default:
      return found satisfies never;
  }
}

/** The entry lies in a folder of the package. */
function versionOfWebr(entry: string): string {
  const file = path.join(path.dirname(entry), "..", "package.json");
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
  } catch {
    return entry;
  }
}
