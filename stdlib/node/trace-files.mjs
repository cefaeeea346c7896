/** Files that the code reads, writes or looks at by `node:fs`, in each of its three forms. */

const { process } = globalThis;
const fs = /** @type {Record<string, any>} */ (process.getBuiltinModule("node:fs"));

/** @typedef {import("./trace-calls.mjs").Watch} Watch */
/** @typedef {(args: readonly any[]) => unknown} Detail */

const read = "readFile opendir readdir glob";
const look = "stat lstat access exists statfs readlink realpath watch watchFile";
const write = "writeFile appendFile truncate mkdir mkdtemp rmdir rm unlink chmod chown utimes";

/** @type {Detail} */
const first = ([path]) => absolute(path);
/** @type {Detail} */
const second = ([, path]) => absolute(path);

/** @param {unknown} path */
function absolute(path) {
  const { resolve } = process.getBuiltinModule("node:path");
  if (typeof path === "number") return undefined;
  return typeof path === "string" ? resolve(path) : path;
}

/** @param {Watch} watch */
export function watchFiles(watch) {
  for (const [target, as] of [
    [fs, "fs"],
    [fs["promises"], "fs.promises"],
  ]) {
    // What names no file but one that is open was told when it was opened.
    const all = (
      /** @type {string} */ names,
      /** @type {string} */ about,
      /** @type {Detail} */ detail,
    ) =>
      watch(target, as === "fs" ? bothForms(names) : names, about, {
        as,
        detail,
        when: ([path]) => typeof path !== "number" && typeof path?.fd !== "number",
      });
    all("readFile", "read", first);
    all(read.replace("readFile ", ""), "order", first);
    all(look, "look", first);
    all(write, "write", first);
    all("copyFile cp rename link symlink", "write", second);
    all("copyFile cp rename", "read", first);
    watch(target, as === "fs" ? "open openSync" : "open", "read", {
      as,
      detail: first,
      when: isReading,
    });
    watch(target, as === "fs" ? "open openSync" : "open", "write", {
      as,
      detail: first,
      when: (args) => !isReading(args),
    });
  }
  watch(fs, "createReadStream openAsBlob", "read", { as: "fs", detail: first });
  // A folder that is read entry by entry comes in no order.
  watch(fs["Dir"].prototype, "read readSync entries", "order", { as: "fs.Dir" });
  const address = (/** @type {readonly any[]} */ [asked]) => asked?.url ?? asked;
  watch(globalThis, "fetch", "read", { detail: address });
  watch(fs, "createWriteStream", "write", { as: "fs", detail: first });
}

/** @param {string} names */
function bothForms(names) {
  return names
    .split(" ")
    .flatMap((name) => [name, `${name}Sync`])
    .join(" ");
}

/** @param {readonly any[]} args */
function isReading([, flags]) {
  if (typeof flags === "number")
    return (flags & (fs["constants"].O_WRONLY | fs["constants"].O_RDWR)) === 0;
  return typeof flags !== "string" || flags.startsWith("r");
}
