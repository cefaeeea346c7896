/** Configuration files as Python's configparser reads them: sections of `key = value`, keys in any case, values over several lines. */

export interface IniValue {
  readonly value: string;
  /** Line of its key, from 1. */
  readonly line: number;
}
/** By keys in lower case. */
export type IniSection = ReadonlyMap<string, IniValue>;
export type Ini = ReadonlyMap<string, IniSection>;

/** A line that cannot be read. The message does not quote it: it may hold a secret. */
export class MalformedIni extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

interface Reading {
  readonly sections: Map<string, Map<string, { lines: string[]; line: number }>>;
  section: string | undefined;
  /** The key whose value the next, deeper indented lines go on with. */
  key: string | undefined;
  indent: number;
}

/** Throws MalformedIni. DEFAULT is a section like any other here: as in Databricks' own tools, it fills no gap of others. */
export function readIni(text: string): Ini {
  const reading: Reading = { sections: new Map(), section: undefined, key: undefined, indent: 0 };
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  lines.forEach((line, at) => readLine(reading, line, at + 1));
  return new Map(
    [...reading.sections].map(([name, values]) => [
      name,
      new Map([...values].map(([key, { lines: all, line }]) => [key, { value: join(all), line }])),
    ]),
  );
}

/** Empty lines at a value's end are not part of it. */
function join(lines: readonly string[]): string {
  return lines.join("\n").trimEnd();
}

function readLine(reading: Reading, line: string, number: number): void {
  const content = line.trim();
  const value = openValue(reading);
  if (/^[#;]/.test(content)) return;
  if (content === "") {
    value?.lines.push("");
    return;
  }
  const indent = line.search(/\S/);
  if (value !== undefined && indent > reading.indent) {
    value.lines.push(content);
    return;
  }
  reading.indent = indent;
  const header = /^\[(.+)\]/.exec(content)?.[1];
  if (header === undefined) openKey(reading, content, number);
  else openSection(reading, header, number);
}

function openValue({ sections, section, key }: Reading) {
  return section === undefined || key === undefined ? undefined : sections.get(section)?.get(key);
}

function openSection(reading: Reading, name: string, number: number): void {
  if (reading.sections.has(name) && name !== "DEFAULT")
    throw new MalformedIni(number, `the section [${name}] is there twice`);
  if (!reading.sections.has(name)) reading.sections.set(name, new Map());
  reading.section = name;
  reading.key = undefined;
}

function openKey(reading: Reading, content: string, number: number): void {
  const [, name = "", value = ""] = /^(.*?)\s*[=:]\s*(.*)$/.exec(content) ?? [];
  if (name === "") throw new MalformedIni(number, "it is neither [section] nor key = value");
  const section = reading.sections.get(reading.section ?? "");
  if (section === undefined) throw new MalformedIni(number, "it stands before the first [section]");
  const key = name.toLowerCase();
  if (section.has(key)) throw new MalformedIni(number, `${key} is there twice in one section`);
  section.set(key, { lines: [value], line: number });
  reading.key = key;
}
