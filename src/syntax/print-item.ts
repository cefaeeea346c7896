/** How the formatter writes each kind of item, without its comments: one row, and a block or a fence where it has one. */
import type {
  Binding,
  Block,
  Broken,
  CodeItem,
  CompareItem,
  Declaration,
  ItemNode,
  LaunchItem,
  ModelOption,
  ParamItem,
  ProjectOption,
  ResourceOption,
  RunItem,
  SourceNode,
  StepNode,
  SweepItem,
  TextValue,
  ToleranceNode,
} from "./ast.ts";
import type { Row } from "./print-layout.ts";
import {
  printCondition,
  printDomain,
  printKey,
  printNames,
  printRange,
  printText,
  printType,
  printValue,
  type Written,
} from "./print-value.ts";

/** Everything that stands on lines of its own. */
export type AnyItem =
  | Declaration
  | RunItem
  | Binding
  | ModelOption
  | ResourceOption
  | ToleranceNode
  | ProjectOption
  | SweepItem
  | CompareItem
  | LaunchItem;
type Kind = AnyItem["kind"];
export type AnyBlock = Block<AnyItem>;

export interface Printed {
  readonly row: Row;
  /** Follows the row in braces; the row's note then stands after the closing one. */
  readonly block?: AnyBlock;
  readonly fence?: CodeItem;
}

type Printers = {
  readonly [K in Kind]: (item: Extract<AnyItem, { readonly kind: K }>, written: Written) => Printed;
};

/** An item as its row and what follows it. `written` is the text that its spans point into. */
export function printItem(item: AnyItem, written: Written): Printed {
  const printer = printers[item.kind] as (item: AnyItem, written: Written) => Printed;
  return printer(item, written);
}

/** Whether the parser could read it; the formatter is never asked to write what could not be read. */
export function isWhole<Item extends ItemNode & { readonly kind: string }>(
  item: Item | Broken,
): item is Item {
  return item.kind !== "broken";
}

const printers: Printers = {
  import: ({ names, path }, written) =>
    line("import", names.length > 0 && `${printNames(names)} from`, printText(path, written)),
  project: ({ key, block }, written) => withBlock(line("project", printKey(key, written)), block),
  experiment: ({ name, block }, written) =>
    withBlock(line("experiment", printText(name, written)), block),
  run: ({ name, block }) => withBlock(line("run", name.text), block),
  step: (step) => printStep(step),
  sweep: ({ name, of, block }) => withBlock(line("sweep", name.text, "of", of.text), block),
  compare: ({ name, block }) => withBlock(line("compare", name.text), block),
  launch: ({ name, block }) => withBlock(line("launch", name.text), block),

  param: (item, written) => printParam(item, written),
  require: ({ condition, note }, written) =>
    noted(line("require", printCondition(condition, written)), "require", note, written),
  tag: ({ key, value }, written) => assignment("tag", printKey(key, written), value, written),
  set: ({ key, value }, written) => assignment("set", printKey(key, written), value, written),
  binding: ({ key, value }, written) =>
    line(printKey(key, written), "=", printValue(value, written)),
  seed: ({ value }) => line("seed", value.raw),
  name: ({ value }, written) => line("name", printText(value, written)),
  "run-experiment": ({ name }, written) => line("experiment", printText(name, written)),
  expect: ({ condition }, written) => line("expect", printCondition(condition, written)),
  reproducible: ({ exact, block }) =>
    withBlock(
      line(
        "reproducible",
        exact && "exact",
        exact && exact.except.length > 0 && `except ${printNames(exact.except)}`,
      ),
      block,
    ),

  input: ({ names, from }, written) => {
    const list = names.map(({ name, alias }) => name.text + (alias ? ` as ${alias.text}` : ""));
    return line("input", list.join(", "), "from", printSource(from, written));
  },
  metric: ({ key, over, call, goal, domain, note }, written) => {
    const tail = line(
      over && `over ${over.text}`,
      call && `= ${printValue(call, written)}`,
      goal?.name,
      domain && printDomain(domain, written),
    ).row.head;
    const shape = `metric ${over ? "over" : call ? "call" : goal ? "goal" : "domain"}`;
    return noted(
      columns(line("metric", printKey(key, written)), shape, tail),
      shape,
      note,
      written,
    );
  },
  model: ({ key, flavor, at, block, note }, written) =>
    withBlock(
      noted(
        line(
          "model",
          printKey(key, written) + (flavor ? `: ${flavor.text}` : ""),
          at && `at ${printText(at, written)}`,
        ),
        "model",
        note,
        written,
      ),
      block,
    ),
  artifact: ({ key, format, at, note }, written) =>
    noted(
      line(
        "artifact",
        printKey(key, written) + (format ? `: ${format.name}` : ""),
        at && `at ${printText(at, written)}`,
      ),
      "artifact",
      note,
      written,
    ),
  code: (fence) => ({ row: line(`${"`".repeat(fence.ticks)}${fence.language}`).row, fence }),
  script: ({ path }, written) => line("script", printText(path, written)),
  secret: ({ name, variable }, written) =>
    line("secret", name.text, "from env", printText(variable, written)),
  resources: ({ block }) => withBlock(line("resources"), block),
  after: ({ names }) => line("after", printNames(names)),
  uses: ({ names }) => line("uses", printNames(names)),
  timeout: ({ duration }) => line("timeout", duration.raw),
  "cache-off": () => line("cache off"),
  env: ({ block }) => withBlock(line("env"), block),

  register: ({ name, alias }, written) =>
    line("register", printText(name, written), alias && `alias ${alias.text}`),
  probe: ({ variable }) => line("probe", variable.text),
  packages: ({ names }) => line("packages", printNames(names)),
  cpus: ({ count }) => line("cpus", count.raw),
  gpus: ({ count }) => line("gpus", count.raw),
  memory: ({ size }) => line("memory", size.raw),

  "across-seeds": ({ range }) => line("across seeds", printRange(range)),
  "tolerance-exact": ({ name }) => line(name.text, "exact"),
  "tolerance-ignored": ({ name }) => line(name.text, "ignored"),
  "tolerance-ulp": ({ name, ulp }) => line(name.text, "within", ulp.raw, "ulp"),
  "tolerance-within": ({ name, amount, scale }) => line(name.text, "within", amount.raw, scale),
  "tolerance-distribution": ({ name, margin }) =>
    line(name.text, "distribution margin", margin.raw),

  "project-env": ({ env, file }, written) =>
    line("env", env.text, file && printText(file, written)),
  main: ({ run }) => line("main", run.text),

  grid: () => line("grid"),
  random: ({ trials, seed }) => line("random", trials.raw, "trials", seed && `seed ${seed.raw}`),
  vary: ({ param, log, values }, written) =>
    columns(
      line("vary", param.text),
      "vary",
      line(
        "in",
        log && "log",
        values.kind === "range" ? printRange(values) : printValue(values, written),
      ).row.head,
    ),
  parallel: ({ count }) => line("parallel", count.raw),
  "best-by": ({ metrics }) => line("best by", printNames(metrics, " then ")),
  runs: ({ names }) => line("runs", printNames(names)),
  where: ({ condition }, written) => line("where", printCondition(condition, written)),
  show: ({ names }) => line("show", printNames(names)),

  git: ({ url, at }, written) =>
    line("git", printText(url, written), at && `at ${printText(at, written)}`),
  entry: ({ name }) => line("entry", name.text),
  backend: ({ name, config }, written) =>
    line("backend", name.text, config && printText(config, written)),
};

/** Words with one space between them; what is absent is left out. */
function line(...words: readonly (string | false | undefined)[]): Printed {
  const head = words
    .filter((word) => word !== undefined && word !== false && word !== "")
    .join(" ");
  return { row: { shape: "", head, tail: "", note: "" } };
}

function columns({ row }: Printed, shape: string, tail: string): Printed {
  return { row: { ...row, shape, tail } };
}

function noted(
  printed: Printed,
  shape: string,
  note: TextValue | undefined,
  written: Written,
): Printed {
  return {
    ...printed,
    row: { ...printed.row, shape, note: note ? printText(note, written) : "" },
  };
}

function withBlock(printed: Printed, block: AnyBlock | undefined): Printed {
  return block === undefined ? printed : { ...printed, block };
}

function assignment(word: string, key: string, value: Binding["value"], written: Written): Printed {
  return line(word, key, "=", printValue(value, written));
}

function printStep({ name, body }: StepNode): Printed {
  switch (body.kind) {
    case "block":
      return withBlock(line("step", name.text), body.block);
    case "call":
      return withBlock(line("step", name.text, "=", body.template.text), body.block);
    default:
      return body satisfies never;
  }
}

function printParam(item: ParamItem, written: Written): Printed {
  const { key, type, domain, note } = item;
  const head = line(
    "param",
    printKey(key, written) + (type ? `: ${printType(type)}` : ""),
    item.default && `= ${printValue(item.default, written)}`,
    domain && printDomain(domain, written),
  );
  return noted(head, "param", note, written);
}

function printSource(from: SourceNode, written: Written): string {
  switch (from.kind) {
    case "step":
      return from.step.text;
    case "run":
      return `run ${from.run.text}`;
    case "run-id":
      return `run ${printText(from.id, written)}`;
    case "best":
      return `best of ${from.of.text}`;
    case "file":
      return printText(from.path, written) + (from.format ? `: ${from.format.name}` : "");
    default:
      return from satisfies never;
  }
}
