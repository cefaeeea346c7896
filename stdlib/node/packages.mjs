/** Which packages the code has loaded, and in which versions. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {{ readonly name: string, readonly version: string }} Package */

/** The folder of the innermost package that holds the file, and the package's name. */
const inPackage = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** @param {Iterable<string>} urls of modules that were loaded @returns {Package[]} by name, each once */
export function packagesAmong(urls) {
  /** @type {Map<string, Package>} */
  const found = new Map();
  for (const url of urls) {
    const match = url.startsWith("file:") ? inPackage.exec(fileURLToPath(url)) : null;
    if (match && !found.has(match[1]))
      found.set(match[1], { name: match[2], version: versionIn(match[1]) ?? "" });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where what was loaded lies: packages by their folders, and files of none but those below `own` and `fence`. @param {Iterable<string>} urls @param {string} own @param {string} fence @returns {import("../../src/run/protocol.ts").StepLoaded} */
export function loadedAmong(urls, own, fence) {
  /** @type {Map<string, string>} */
  const packages = new Map();
  const files = [];
  for (const url of urls) {
    const path = url.startsWith("file:") ? fileURLToPath(url) : "";
    const match = inPackage.exec(path);
    if (match) packages.set(match[1], match[2]);
    else if (path !== "" && path !== fence && !path.startsWith(own)) files.push(path);
  }
  return {
    packages: [...packages].map(([path, name]) => ({ name, path })),
    libraries: [],
    files: files.sort(),
  };
}

/** Versions of named packages as the project's folder finds them; "" when it does not. @param {readonly string[]} names @param {string} folder @returns {Package[]} */
export function versionsOf(names, folder) {
  return names.map((name) => ({ name, version: find(name, folder) ?? "" }));
}

/** @param {string} name @param {string} folder @returns {string | undefined} */
function find(name, folder) {
  const version = versionIn(join(folder, "node_modules", name));
  const parent = dirname(folder);
  return version ?? (parent === folder ? undefined : find(name, parent));
}

/** @param {string} folder @returns {string | undefined} */
function versionIn(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
  } catch {
    return undefined;
  }
}
