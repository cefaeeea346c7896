#!/usr/bin/env node
/** The command `mlpipe`: says so plainly where Node is too old, then hands over to `main`. */

/** The oldest Node that undici and node:sqlite support; the same as `engines` in package.json. */
const oldest = [22, 19] as const;

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

if (isTooOld(process.versions.node)) {
  process.stderr.write(
    `mlpipe needs Node ${oldest.join(".")} or newer; this is Node ${process.versions.node}. Install a newer one from https://nodejs.org\n`,
  );
  process.exitCode = 2;
} else {
  // Compiled code is kept in the system's folder for temporary files: a start costs a fifth less.
  const { enableCompileCache } = await import("node:module");
  enableCompileCache();
  const { main } = await import("./main.ts");
  process.exitCode = await main(process.argv.slice(2));
}
