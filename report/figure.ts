/** A figure of the page: a drawing that is as wide as there is room, and the choices above it. */
import { plot } from "@observablehq/plot";

export type PlotOptions = NonNullable<Parameters<typeof plot>[0]>;

export interface Figure {
  /** A labelled choice above the drawing; `change` hears of another one. */
  readonly choose: (
    label: string,
    names: readonly string[],
    chosen: string,
    change: (name: string) => void,
  ) => void;
  /** Draws now, and again when the room changes. `options` gets the columns of the screen that there are. */
  readonly draw: (options: (width: number) => PlotOptions) => void;
}

/** Undefined where the page has no such figure. */
export function openFigure(id: string): Figure | undefined {
  const element = document.getElementById(id);
  const drawing = element?.querySelector<HTMLElement>(".drawing");
  if (!element || !drawing) return undefined;
  let options: ((width: number) => PlotOptions) | undefined;
  let drawn = 0;
  const redraw = (): void => {
    drawn = drawing.clientWidth;
    if (!options || drawn === 0) return;
    const made = plot({ className: "plot", ...options(drawn), width: drawn });
    drawing.replaceChildren(made);
  };
  new ResizeObserver(() => {
    if (drawing.clientWidth !== drawn) redraw();
  }).observe(drawing);
  return {
    choose: (...choice) => element.querySelector(".choices")?.append(selectOf(...choice)),
    draw: (given) => {
      options = given;
      redraw();
    },
  };
}

function selectOf(
  label: string,
  names: readonly string[],
  chosen: string,
  change: (name: string) => void,
): HTMLElement {
  const select = document.createElement("select");
  for (const name of names) select.append(new Option(name, name, false, name === chosen));
  select.addEventListener("change", () => change(select.value));
  const outer = document.createElement("label");
  outer.append(`${label} `, select);
  return outer;
}
