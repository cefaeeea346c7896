/**
 * Executes one step in WebR, R as WebAssembly: `node webr-host.js step.json entry-of-webr`. R sees the step's folders at their
 * own paths, so the same runtime reads the same step.json and writes the same files as under Rscript.
 */
import { readFileSync, writeSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { WebR } from "webr";
import type { StepFile } from "./protocol.ts";

const runtimeFolder = fileURLToPath(new URL("../../stdlib/r", import.meta.url));

/** The runtime's last word on each stream: this character and the exit status; what stands before it has no line break. */
const lastWord = /\u0004(\d+)$/;

/** Names that mean another place, or another program, inside WebR. */
const notForWebr =
  /^(R_HOME|R_LIBS.*|R_PROFILE.*|R_ENVIRON.*|R_ENABLE_JIT|PATH|HOME|TMPDIR|TMP|TEMP|LD_.*|NODE_.*|MLPIPE_R_CACHE)$/;

function environment(): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !notForWebr.test(entry[0]),
  );
  return {
    ...Object.fromEntries(inherited),
    R_HOME: "/usr/lib/R",
    R_ENABLE_JIT: "0",
    MLPIPE_R_HOME: runtimeFolder,
  };
}

/** Folders that the step may read or write. */
function foldersOf(stepFile: string, step: StepFile): readonly string[] {
  const paths = step.params.filter(({ type }) => type === "path").map(({ value }) => value);
  const files = [
    stepFile,
    step.events,
    step.code.path,
    ...step.inputs.map((input) => input.path),
    ...paths.filter((value) => typeof value === "string"),
  ];
  return [runtimeFolder, step.folder, step.outputs, ...files.map((file) => path.dirname(file))];
}

/** Makes the folders visible; each by the shortest part of its path that WebR's own files do not have, mounted whole. */
async function mountFolders(webR: WebR, folders: readonly string[]): Promise<void> {
  const mounted: string[] = [];
  for (const folder of folders.map((it) => path.resolve(it))) {
    if (mounted.some((place) => `${folder}/`.startsWith(`${place}/`))) continue;
    const place = await placeToMount(webR, folder);
    await webR.FS.mount("NODEFS", { root: place }, place);
    mounted.push(place);
  }
}

async function placeToMount(webR: WebR, folder: string): Promise<string> {
  const parts = folder.split(path.sep).slice(1);
  const places = parts.map((_, i) => `/${parts.slice(0, i + 1).join("/")}`);
  for (const place of places) {
    if ((await webR.FS.analyzePath(place)).exists) continue;
    await webR.FS.mkdir(place);
    return place;
  }
  return folder;
}

/** Prints what R says as it says it; resolves to the exit status that the runtime names last. */
async function printOutput(webR: WebR): Promise<number> {
  const ended = new Set<string>();
  for await (const { type, data } of webR.stream()) {
    if (type !== "stdout" && type !== "stderr") continue;
    const text = String(data);
    const status = lastWord.exec(text);
    print(type, status ? text.slice(0, status.index) : `${text}\n`);
    if (status) ended.add(type);
    if (status && ended.size === 2) return Number(status[1]);
  }
  return crashed;
}

/** Blocks, so that nothing is lost when the process ends. */
function print(stream: "stdout" | "stderr", text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) rest = rest.subarray(write(stream === "stdout" ? 1 : 2, rest));
}

function write(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw error;
  }
}

const crashed = 70;

async function main(stepFile: string, entry: string): Promise<number> {
  const step = JSON.parse(readFileSync(stepFile, "utf8")) as StepFile;
  const webr = (await import(pathToFileURL(entry).href)) as typeof import("webr");
  const webR = new webr.WebR({
    interactive: false,
    RArgs: ["--no-save", "--no-restore", "--no-echo", "--args", stepFile],
    REnv: environment(),
  });
  await webR.init();
  await mountFolders(webR, foldersOf(stepFile, step));
  const output = printOutput(webR);
  const code = `sys.source(${JSON.stringify(path.join(runtimeFolder, "runtime.R"))}, new.env(parent = globalenv()))`;
  const evaluated = webR
    .evalRVoid(code, { captureStreams: false, captureConditions: false, captureGraphics: false })
    .then(() => output, afterError);
  return Promise.race([output, evaluated]);

  /** quit() ends R by an exception; its status comes with the output. Any other exception is a crash. */
  function afterError(error: unknown): Promise<number> | number {
    if (/Program terminated with exit/.test(String(error))) return output;
    print("stderr", `WebR crashed: ${error instanceof Error ? error.message : String(error)}\n`);
    return crashed;
  }
}

process.exit(await main(process.argv[2] ?? "", process.argv[3] ?? ""));
