/** The normal form of R code: what R's own parser makes of it, in R's exact binary form, without a record of its source. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Bits, not text: deparse() would have to be told how to keep each number, and prints letters by the locale. The first 14
 * bytes name the format and R's version.
 */
const program = `
for (file in commandArgs(TRUE)) {
  form <- tryCatch(
    serialize(as.list(parse(file, keep.source = FALSE, encoding = "UTF-8")), NULL, xdr = TRUE, version = 2L),
    error = function(problem) NULL
  )
  if (is.null(form)) next
  to <- file(paste0(file, ".form"), "wb")
  writeBin(form[-seq_len(14L)], to)
  close(to)
}`;

/** More in one command line might be too long for the system. */
const most = 500;

/** By code, undefined where it cannot be parsed; codes are left out where R did not do it. `scratch` is for temporary files. */
export async function normalFormsOfR(
  codes: readonly string[],
  rscript: string,
  scratch: string,
): Promise<ReadonlyMap<string, Buffer | undefined>> {
  const forms = new Map<string, Buffer | undefined>();
  for (let first = 0; first < codes.length; first += most)
    for (const form of await formsOf(codes.slice(first, first + most), rscript, scratch))
      forms.set(...form);
  return forms;
}

async function formsOf(
  codes: readonly string[],
  rscript: string,
  scratch: string,
): Promise<readonly (readonly [code: string, form: Buffer | undefined])[]> {
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(path.join(scratch, "r-"));
  try {
    const files = codes.map((code, index) => {
      const file = path.join(folder, `${index}.R`);
      writeFileSync(file, code, { mode: 0o600 });
      return file;
    });
    if (!(await succeeds(rscript, ["--vanilla", "-e", program, ...files]))) return [];
    return codes.map((code, index) => [code, readForm(`${files[index]}.form`)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readForm(file: string): Buffer | undefined {
  return existsSync(file) ? readFileSync(file) : undefined;
}

function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  const env = { ...process.env, R_DEFAULT_PACKAGES: "NULL", LC_ALL: "C.UTF-8" };
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout: 20_000 }, (error) => resolve(error === null));
  });
}
