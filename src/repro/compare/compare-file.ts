/** Two files by their bytes, then by what the bytes mean. */
import type { Format } from "../../check/program.ts";
import { type FileKind, kindOf } from "../../content/choose.ts";
import { type Member, containers, memberName, mostNested } from "../../content/container.ts";
import { NotReadable, readSafely } from "../../content/kind.ts";
import { readWhole } from "../../content/read-whole.ts";
import { bufferDifference, byteDifference } from "./bytes.ts";
import { compareContent } from "./compare-content.ts";
import { type Finding, different, only, same, together, undecided } from "./finding.ts";
import { readThroughR } from "./through-r.ts";

/** `env`: says where R is, which some kinds of files need. Rejects with the file system's errors. */
export async function compareFiles(
  before: string,
  after: string,
  format: Format,
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const bytes = await byteDifference(before, after);
  if (!bytes) return same("bytes");
  try {
    const pair = [await open(before, format, env), await open(after, format, env)] as const;
    return compareOpened(...pair, 0);
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error;
    return undecided(
      bytes,
      `the bytes differ, and what they mean is not known: it ${error.message}`,
    );
  }
}

interface OpenedFile {
  readonly name: string;
  readonly kind: FileKind;
  readonly bytes: Buffer;
}

async function open(file: string, format: Format, env: NodeJS.ProcessEnv): Promise<OpenedFile> {
  const bytes = await readWhole(file);
  const kind = kindOf(file, format, bytes);
  if (kind === "parquet") return { name: file, kind: "r", bytes: await readThroughR(file, env) };
  if (kind !== "packed") return { name: file, kind, bytes };
  const name = memberName(file, { path: "", bytes });
  const unpacked = await readThroughR(file, env);
  return { name, kind: kindOf(name, format, unpacked), bytes: unpacked };
}

function compareOpened(before: OpenedFile, after: OpenedFile, depth: number): Finding {
  const { kind } = before;
  const isAlike = kind === after.kind;
  if (!isAlike || kind === "unknown" || depth > mostNested)
    return byBytes(before.bytes, after.bytes);
  switch (kind) {
    case "gzip":
    case "zip":
    case "tar": {
      const members = readSafely(containers[kind], before.bytes);
      return compareMembers(before.name, members, readSafely(containers[kind], after.bytes), depth);
    }
    case "parquet":
    case "packed":
      throw new NotReadable(
        `is ${kind === "packed" ? "compressed" : "parquet"} inside another file`,
      );
    default:
      return compareContent(kind, before.bytes, after.bytes);
  }
}

function byBytes(before: Buffer, after: Buffer): Finding {
  const difference = bufferDifference(before, after);
  return difference ? different(difference) : same("content");
}

function compareMembers(
  container: string,
  members: readonly Member[],
  others: readonly Member[],
  depth: number,
): Finding {
  const [files, after] = [byPath(members), byPath(others)];
  const paths = [...new Set([...files.keys(), ...after.keys()])].toSorted();
  const findings = paths.map((path): readonly [string, Finding] => {
    const [member, other] = [files.get(path), after.get(path)];
    if (!member || !other) return [path, only(member ? "before" : "after")];
    if (member.bytes.equals(other.bytes)) return [path, same("content")];
    const opened = (it: Member): OpenedFile => {
      const name = memberName(container, it);
      return { name, kind: kindOf(name, "file", it.bytes), bytes: it.bytes };
    };
    return [path, compareOpened(opened(member), opened(other), depth + 1)];
  });
  const [first] = findings;
  return paths.length === 1 && first?.[0] === "" ? first[1] : together(findings, "content");
}

function byPath(members: readonly Member[]): ReadonlyMap<string, Member> {
  return new Map(members.map((member) => [member.path, member]));
}
