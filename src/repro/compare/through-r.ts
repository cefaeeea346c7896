/** Files that R reads and Node does not: parquet, and what is compressed by xz or bzip2. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { NotReadable } from "../../content/kind.ts";
import { adviseR, findR, rRuntime } from "../../run/r.ts";

const script = path.join(rRuntime, "convert.R");
/** Status of the script where parquet has no reader. */
const noReader = 3;

/** Parquet as a serialized data.frame, all else without its compression. Rejects with NotReadable. */
export async function readThroughR(file: string, env: NodeJS.ProcessEnv): Promise<Buffer> {
  const found = findR(env);
  if (found.kind === "none") throw new NotReadable(`needs R to be read; ${adviseR(found)}`);
  if (found.kind === "webr")
    throw new NotReadable("needs R to be read, and R as WebAssembly does not reach the file");
  const folder = await mkdtemp(path.join(tmpdir(), "mlpipe-convert-"));
  try {
    const target = path.join(folder, "converted");
    const status = await execute(found.path, [...plain, script, file, target], env);
    if (status === noReader)
      throw new NotReadable(
        'is parquet, which R reads by a package that is not installed: install.packages("arrow")',
      );
    if (status !== 0) throw new NotReadable("cannot be read by R");
    return await readFile(target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nobody's start-up file has a say; libraries that the environment names stay. */
const plain = ["--no-save", "--no-restore", "--no-init-file", "--no-site-file"];

function execute(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { env }, () => resolve(child.exitCode ?? 1));
  });
}
