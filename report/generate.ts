/** Bundles the script and the style of the report's page, with the parts of Observable Plot that it draws with, into one module. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
export const generatedFile = new URL("../src/report/page-bundle.ts", import.meta.url);

/** The text that the generated file must have. */
export async function generate(): Promise<string> {
  const bundle = await rolldown({ input: here("page.ts"), platform: "browser" });
  const { output } = await bundle.generate({ format: "iife", minify: true, comments: false });
  await bundle.close();
  const [{ code, moduleIds }] = output;
  // The end of a script element in it would end the script.
  const script = `${notices(moduleIds)}${code}`.replaceAll("</", "<\\/");
  return [
    "/** Generated from report/ by `npm run report`; a test keeps it fresh. */\n",
    `export const style: string =\n  ${JSON.stringify(styleIn("page.css"))};\n`,
    `/** On top of it, for verdicts. */\nexport const verdictStyle: string =\n  ${JSON.stringify(styleIn("verdict.css"))};\n`,
    `export const script: string =\n  ${JSON.stringify(script)};\n`,
  ].join("\n");
}

function styleIn(name: string): string {
  return readFileSync(here(name), "utf8").replace(/\s+/g, " ");
}

/** A comment with the licences of all packages of which something is in the bundle; each report carries it. */
function notices(moduleIds: readonly string[]): string {
  const names = moduleIds.map((id) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? "");
  const licences = Map.groupBy([...new Set(names)].filter(Boolean).toSorted(), licenceOf);
  const parts = [...licences].map(([text, packages]) => `${packages.join(", ")}:\n${text.trim()}`);
  return `/*! ${parts.join("\n\n").replaceAll("*/", "* /")} */\n`;
}

function licenceOf(name: string): string {
  const folder = here(`../node_modules/${name}/`);
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) throw new Error(`${name} has no licence to show`);
  return readFileSync(`${folder}${file}`, "utf8").replace(/\r\n?/g, "\n");
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url)
  writeFileSync(generatedFile, await generate());
