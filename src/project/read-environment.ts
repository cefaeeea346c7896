/** The environment that an MLproject names, or that lies beside it under a name that MLflow knows. */
import { diagnose } from "../source/messages.ts";
import type { DockerEnvironment, Environment } from "./project.ts";
import { pythonText } from "./python-value.ts";
import { type Findings, readText, sayShape, warnOfStrangers } from "./findings.ts";
import { type Tree, type TreeEntry, entryOf } from "./yaml-tree.ts";

const keys = ["python_env", "conda_env", "docker_env"] as const;

/** Of a file without such a key, python_env.yaml counts before conda.yaml. */
export function readEnvironment(tree: Tree | undefined, findings: Findings): Environment {
  if (tree?.kind === "map") refuseTwo(tree.entries, findings);
  const docker = tree && entryOf(tree, "docker_env");
  if (docker && !isEmpty(docker.value)) return readDocker(docker, findings) ?? { kind: "none" };
  const named =
    tree && (readFile(tree, "python_env", findings) ?? readFile(tree, "conda_env", findings));
  return named ?? findBeside(findings);
}

function refuseTwo(entries: readonly TreeEntry[], { diagnostics }: Findings): void {
  const [first, second] = entries.filter(({ name }) => keys.some((key) => key === name));
  if (first && second)
    diagnostics.push(diagnose("M0903", second.place, { first: first.name, second: second.name }));
}

/** What Python takes for false is as good as absent. */
function isEmpty(tree: Tree): boolean {
  if (tree.kind === "scalar") return tree.value.kind === "text" && tree.value.value === "";
  return (tree.kind === "map" ? tree.entries : tree.items).length === 0;
}

function readFile(
  tree: Tree,
  key: "python_env" | "conda_env",
  findings: Findings,
): Environment | undefined {
  const entry = entryOf(tree, key);
  if (!entry || isEmpty(entry.value)) return undefined;
  const file = readText(entry, `\`${key}\``, findings) ?? "";
  if (file !== "" && !findings.hasFile(file))
    findings.diagnostics.push(diagnose("M0910", entry.value.place, { key, file }));
  return { kind: key === "python_env" ? "python" : "conda", file };
}

function findBeside({ hasFile }: Findings): Environment {
  if (hasFile("python_env.yaml")) return { kind: "python", file: "python_env.yaml" };
  return hasFile("conda.yaml") ? { kind: "conda", file: "conda.yaml" } : { kind: "none" };
}

function readDocker({ value }: TreeEntry, findings: Findings): DockerEnvironment | undefined {
  const image = entryOf(value, "image");
  if (!image) {
    sayShape("`docker_env`", 'a map with an image: {image: "r-base:4.4.1"}', value, findings);
    return undefined;
  }
  warnOfStrangers(value, ["image", "volumes", "environment"], findings);
  return {
    kind: "docker",
    image: readText(image, "the image", findings) ?? "",
    volumes: readList(value, "volumes", 'a list of texts: ["/data:/data"]', readVolume, findings),
    variables: readList(
      value,
      "environment",
      'a list of names, and of pairs: ["HOME", ["LEVEL", "3"]]',
      readVariable,
      findings,
    ),
  };
}

/** Each item read by `read`, which answers undefined for what it cannot be. */
function readList<T>(
  tree: Tree,
  key: string,
  expected: string,
  read: (item: Tree) => T | undefined,
  findings: Findings,
): readonly T[] {
  const entry = entryOf(tree, key);
  if (!entry) return [];
  const items = entry.value.kind === "list" ? entry.value.items.map(read) : [undefined];
  if (items.includes(undefined)) sayShape(`\`${key}\``, expected, entry.value, findings);
  return items.filter((item) => item !== undefined);
}

function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === "scalar" ? pythonText(tree.value) : undefined;
}

function readVolume(item: Tree): string | undefined {
  return item.kind === "scalar" && item.value.kind === "text" ? item.value.value : undefined;
}

function readVariable(item: Tree): DockerEnvironment["variables"][number] | undefined {
  if (item.kind !== "list") {
    const name = readVolume(item);
    return name === undefined ? undefined : { name, value: undefined };
  }
  const [name, value] = item.items.map(textOf);
  return name === undefined || value === undefined || item.items.length !== 2
    ? undefined
    : { name, value };
}
