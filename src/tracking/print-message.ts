/** Writes messages as JSON, as MLflow does: fields that are absent and lists that are empty but need not be there are left out, doubles that JSON lacks are texts. */
import type { Field, Message, Shape, ValueOf } from "./shape.ts";

/** The value itself where it can be said as it is, else a copy that can. */
type Mend = (value: unknown) => unknown;

export function printMessage<M extends Message>(shape: M, value: ValueOf<M>): string {
  return JSON.stringify(mendShape(shape)(value));
}

/** One of them for each shape: a replacer would be asked about every value of a message, they are about few. */
const made = new WeakMap<Shape, Mend>();

function mendShape(shape: Shape): Mend {
  const known = made.get(shape);
  if (known !== undefined) return known;
  const mend = makeMend(shape);
  made.set(shape, mend);
  return mend;
}

const asItIs: Mend = (value) => value;

function makeMend(shape: Shape): Mend {
  switch (shape.kind) {
    case "text":
    case "choice":
    case "flag":
    case "integer":
      return asItIs;
    case "double":
      return mendDouble;
    case "list": {
      const mend = mendShape(shape.item);
      return mend === asItIs ? asItIs : (value) => mendList(value as readonly unknown[], mend);
    }
    case "message":
      return mendFields(shape);
    default:
      return shape satisfies never;
  }
}

/** Zero keeps its sign. */
function mendDouble(value: unknown): unknown {
  if (Object.is(value, -0)) return "-0.0";
  return Number.isFinite(value) ? value : String(value);
}

function mendList(list: readonly unknown[], mend: Mend): readonly unknown[] {
  const at = list.findIndex((item) => mend(item) !== item);
  return at < 0 ? list : list.map(mend);
}

function mendFields({ fields }: Message): Mend {
  const delicate = Object.entries(fields).flatMap(([name, field]) => {
    const shape = shapeOf(field);
    const mend = mendShape(shape);
    const mayLack = shape.kind === "list" && shape !== field;
    return mend === asItIs && !mayLack ? [] : [{ name, mend, mayLack }];
  });
  if (delicate.length === 0) return asItIs;
  return (value) => {
    const given = value as Readonly<Record<string, unknown>>;
    let mended: Record<string, unknown> | undefined;
    for (const { name, mend, mayLack } of delicate) {
      const own = given[name];
      if (own === undefined) continue;
      const said = mayLack && (own as readonly unknown[]).length === 0 ? undefined : mend(own);
      if (said !== own) (mended ??= { ...given })[name] = said;
    }
    return mended ?? value;
  };
}

function shapeOf(field: Field): Shape {
  return field.kind === "optional" || field.kind === "preset" ? field.shape : field;
}
