/** Behind each top-level statement of the user's modules, a call that looks at the module's variables; lines stay as they are. */
import { parse } from "acorn";
import { fileURLToPath } from "node:url";
import { shownFile } from "./errors.mjs";

const { process } = globalThis;
const { stripTypeScriptTypes } = process.getBuiltinModule("node:module");

/** @typedef {import("acorn").AnyNode} Node */
/** @typedef {{ readonly shown: import("./errors.mjs").Own, readonly given: readonly string[], readonly add: (statement: import("./trace.mjs").Statement) => number, readonly read: (name: string) => void }} Watching */
/** @typedef {{ readonly format?: string | null, readonly source?: unknown, readonly shortCircuit?: boolean }} Loaded */

const looker = "mlpipe$variables";
const call = 'globalThis[Symbol.for("mlpipe.trace")]';

/**
 * The module with those calls; undefined where it is not the user's, or is no code that can be read: Node then says what is
 * wrong with it.
 * @param {string} url @param {Loaded} loaded @param {Watching} watching @returns {Loaded | undefined}
 */
export function instrument(url, loaded, watching) {
  const { format, source } = loaded;
  const known = /^(?:(module|commonjs)-?)?(typescript)?$/.exec(format ?? "");
  if (!known || !url.startsWith("file:") || source === undefined || source === null)
    return undefined;
  const path = fileURLToPath(url);
  const file = shownFile(path, watching.shown);
  if (file === undefined) return undefined;
  const text =
    typeof source === "string" ? source : Buffer.from(/** @type {any} */ (source)).toString();
  const isFence = path === watching.shown.fence;
  // Where the format does not say, Node tries the same in the same order.
  for (const type of known[1] === undefined ? kinds : kinds.filter((kind) => kind === known[1]))
    try {
      const code = known[2] ? stripTypeScriptTypes(text, { mode: "strip" }) : text;
      return { ...loaded, source: addCalls(code, type === "module", file, isFence, watching) };
    } catch (error) {
      // It is no code of that kind, or of none: Node says so itself.
      if (!(error instanceof SyntaxError)) throw error;
    }
  return undefined;
}

const kinds = ["commonjs", "module"];

/** @param {string} code @param {boolean} isModule @param {string} file @param {boolean} isFence @param {Watching} watching */
function addCalls(code, isModule, file, isFence, { given, add, read }) {
  const tree = parse(code, {
    ecmaVersion: "latest",
    sourceType: isModule ? "module" : "script",
    allowHashBang: true,
    allowReturnOutsideFunction: !isModule,
    locations: true,
  });
  const statements = tree.body.filter((node) => !isOwn(node));
  if (isFence) readNames(statements, given, read);
  /** @type {string[]} */
  const names = [];
  let [done, text] = [0, ""];
  for (const node of statements) {
    names.push(...declaredBy(node));
    if (
      /^(?:Import|Export(?:All|Named)Declaration$|FunctionDeclaration)/.test(node.type) &&
      !hasCode(node)
    )
      continue;
    // Columns stay as they are: nothing is put before code of the same line.
    const isLastOfLine = /^[ \t\r;]*(?:$|\n|\/\/|\/\*)/.test(code.slice(node.end, node.end + 200));
    if (node.type === "ReturnStatement" || !isLastOfLine) continue;
    const place = /** @type {import("acorn").SourceLocation} */ (node.loc);
    const id = add({ file, first: place.start.line, last: place.end.line, names: [...names] });
    text += `${code.slice(done, node.end)};${call}(${id}, ${looker}());`;
    done = node.end;
  }
  const getters = [...new Set(names)].map((name) => `${name}: () => ${name}`);
  return `${text}${code.slice(done)}\nfunction ${looker}() { return { ${getters.join(", ")} }; }\n`;
}

/** What mlpipe itself has put there. @param {Node} node */
function isOwn(node) {
  if (node.type === "ImportDeclaration") return String(node.source.value).startsWith("mlpipe:");
  return declaredBy(node).some((name) => name.startsWith("mlpipe$"));
}

/** Whether it is more than names: `export const a = 1`. @param {Node} node */
function hasCode(node) {
  return node.type === "ExportNamedDeclaration" && node.declaration?.type === "VariableDeclaration";
}

/** @param {Node} node @returns {readonly string[]} names that the statement declares for the whole module */
function declaredBy(node) {
  switch (node.type) {
    case "VariableDeclaration":
      return node.declarations.flatMap(({ id }) => namesIn(id));
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return node.id ? [node.id.name] : [];
    case "ExportNamedDeclaration":
    case "ExportDefaultDeclaration":
      return node.declaration ? declaredBy(/** @type {Node} */ (node.declaration)) : [];
    default:
      return [];
  }
}

/** @param {Node | null} pattern @returns {readonly string[]} */
function namesIn(pattern) {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((it) => namesIn(it.type === "Property" ? it.value : it));
    case "ArrayPattern":
      return pattern.elements.flatMap(namesIn);
    case "AssignmentPattern":
      return namesIn(pattern.left);
    case "RestElement":
      return namesIn(pattern.argument);
    default:
      return [];
  }
}

/** A constant of a fence cannot be watched while it is read: what the code names counts as read. @param {readonly Node[]} nodes @param {readonly string[]} given @param {(name: string) => void} read */
function readNames(nodes, given, read) {
  const known = new Set(given);
  const visit = (/** @type {unknown} */ node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== "object" || node === null || !("type" in node)) return;
    const fields = /** @type {Record<string, any>} */ (node);
    if (fields["type"] === "Identifier" && known.has(fields["name"])) read(fields["name"]);
    for (const [key, value] of Object.entries(fields)) if (!isLabel(fields, key)) visit(value);
  };
  nodes.forEach(visit);
}

/** Whether the part `key` of a node is a mere word: `cp` in `tree.cp` and in `{ cp: 1 }`. @param {Record<string, any>} node @param {string} key */
function isLabel(node, key) {
  if (key === "label") return true;
  if (key === "property") return node["computed"] === false;
  return key === "key" && node["computed"] === false && node["shorthand"] !== true;
}
