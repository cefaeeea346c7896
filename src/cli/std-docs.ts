/** The documentation of the standard library as data: from the tables that the checker reads, and from the library's own files. */
import { describeDomain } from "../check/domain.ts";
import { dataSets } from "../check/std/data-sets.ts";
import { type StdHelper, metricHelpers, splitHelpers } from "../check/std/helpers.ts";
import { stdMetrics } from "../check/std/metrics.ts";
import { type StdModule, stdModules } from "../check/std/modules.ts";
import type { Files } from "../source/files.ts";
import type { StepNode } from "../syntax/ast.ts";
import { parse } from "../syntax/parse.ts";

export interface EntryDocs {
  readonly name: string;
  /** How it is written where it is used, one line a way. */
  readonly signatures: readonly string[];
  readonly what: string;
  /** Definition, params or columns, in lines. */
  readonly details: readonly string[];
  readonly goal?: string;
  readonly domain?: string;
  readonly source?: string;
  readonly licence?: string;
  readonly sha256?: string;
}
export interface ModuleDocs extends StdModule {
  readonly entries: readonly EntryDocs[];
}

/** All modules; `files` gives the library's own. */
export function documentStandard(files: Files): readonly ModuleDocs[] {
  return stdModules.map((module) => ({ ...module, entries: entriesOf(module.path, files) }));
}

function entriesOf(path: string, files: Files): readonly EntryDocs[] {
  switch (path) {
    case "std/metrics":
      return [...documentMetrics(), ...documentHelpers(metricHelpers)];
    case "std/split":
      return documentHelpers(splitHelpers);
    case "std/data":
      return documentData();
    default:
      return documentTemplates(path, files);
  }
}

function documentMetrics(): readonly EntryDocs[] {
  return [...stdMetrics].map(([name, { takes, options, goal, domain, what, formula, source }]) => {
    const named = Object.entries(options).map(([option, its]) =>
      its ? `${option}: a text ${describeDomain(its)}` : `${option}: a class`,
    );
    const details = named.length > 0 ? [...formula, `may be given: ${named.join("; ")}`] : formula;
    const signatures = [`${name}(${takes.join(", ")})`];
    return { name, signatures, what, details, goal, domain: describeDomain(domain), source };
  });
}

function documentHelpers(helpers: ReadonlyMap<string, StdHelper>): readonly EntryDocs[] {
  return [...helpers].map(([name, { inR, inJs, what, formula, source }]) => ({
    name,
    signatures: [inR, inJs],
    what,
    details: formula,
    source,
  }));
}

function documentData(): readonly EntryDocs[] {
  return [...dataSets].map(([name, { path, what, rows, columns, source, licence, sha256 }]) => ({
    name,
    signatures: [`input ${name} from "${path}"`],
    what,
    details: [`${rows} rows`, ...columns.map((column) => `${column.name}: ${column.what}`)],
    source,
    licence,
    sha256,
  }));
}

/** Steps as their file has them: the items but for the code. */
function documentTemplates(path: string, files: Files): readonly EntryDocs[] {
  const read = files.read(path);
  if (read.kind !== "text") throw new Error(`${path} of mlpipe itself is ${read.kind}`);
  const { declarations } = parse({ path, text: read.text }).module;
  return declarations.flatMap((it) => (it.kind === "step" ? [documentStep(it, read.text)] : []));
}

const shown = new Set(["param", "input", "model", "artifact", "metric"]);

function documentStep(node: StepNode, text: string): EntryDocs {
  const items = node.body.kind === "block" ? node.body.block.items : [];
  const name = node.name.text;
  const lines = items
    .filter(({ kind }) => shown.has(kind))
    .map(({ span }) => text.slice(span.start, span.end).replaceAll(/ {2,}/g, "  "));
  return {
    name,
    signatures: [`step … = ${name} { … }`],
    what: (node.doc?.text ?? "").replaceAll("\n", " "),
    details: lines,
  };
}
