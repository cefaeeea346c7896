/** A run that is pointed at, or whose row has the focus, stands out in the table and in every figure. */

export function prepareHighlight(): void {
  const main = document.querySelector("main");
  let active = "";
  const show = (event: Event): void => {
    const label = event.target instanceof Element ? labelAt(event.target) : "";
    if (label === active) return;
    active = label;
    mark(label);
  };
  main?.addEventListener("pointerover", show);
  main?.addEventListener("focusin", show);
  main?.addEventListener("pointerleave", show);
}

/** The label of the run that a row or a mark is of; empty for all else. */
function labelAt(element: Element): string {
  const row = element.closest("tbody tr");
  if (row instanceof HTMLElement) return row.dataset["label"] ?? "";
  const isMark = element instanceof SVGElement && element.matches("g [aria-label]:not(g)");
  return isMark ? (element.getAttribute("aria-label") ?? "") : "";
}

function mark(label: string): void {
  for (const old of document.querySelectorAll(".is-active")) old.classList.remove("is-active");
  document.body.classList.toggle("has-active", label !== "");
  if (label === "") return;
  const named = CSS.escape(label);
  for (const found of document.querySelectorAll(
    `tbody tr[data-label="${named}"], .drawing svg g [aria-label="${named}"]:not(g)`,
  ))
    found.classList.add("is-active");
}
