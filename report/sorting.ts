/** The table's titles are buttons that sort it; what has no value stays at the end. */

type Direction = "ascending" | "descending";

export function prepareSorting(): void {
  const body = document.querySelector<HTMLTableSectionElement>("tbody");
  const titles = [...document.querySelectorAll<HTMLElement>("th[data-sort]")];
  if (!body) return;
  for (const title of titles)
    title.querySelector("button")?.addEventListener("click", () => {
      const direction = nextDirection(title);
      for (const other of titles) other.removeAttribute("aria-sort");
      title.setAttribute("aria-sort", direction);
      sortRows(body, title, direction);
      announce(title.textContent.trim(), direction);
    });
  titles[0]?.setAttribute("aria-sort", "ascending");
}

function nextDirection(title: HTMLElement): Direction {
  const now = title.getAttribute("aria-sort");
  if (now === null) return title.dataset["first"] === "descending" ? "descending" : "ascending";
  return now === "ascending" ? "descending" : "ascending";
}

function sortRows(body: HTMLTableSectionElement, title: HTMLElement, direction: Direction): void {
  const column = [...(title.parentElement?.children ?? [])].indexOf(title);
  const compare = title.dataset["sort"] === "number" ? compareNumbers : compareTexts;
  const sign = direction === "ascending" ? 1 : -1;
  const rows = [...body.rows].map((row, at) => ({
    row,
    at,
    value: row.cells[column]?.dataset["value"] ?? "",
  }));
  rows.sort((a, b) => {
    if (isNone(a.value) || isNone(b.value))
      return Number(isNone(a.value)) - Number(isNone(b.value)) || a.at - b.at;
    return sign * compare(a.value, b.value) || a.at - b.at;
  });
  body.append(...rows.map(({ row }) => row));
}

function isNone(value: string): boolean {
  return value === "" || value === "NaN";
}

function compareNumbers(a: string, b: string): number {
  const [first, second] = [Number(a), Number(b)];
  return first === second ? 0 : first < second ? -1 : 1;
}

const collator = new Intl.Collator("en", { numeric: true });

function compareTexts(a: string, b: string): number {
  return collator.compare(a, b);
}

function announce(name: string, direction: Direction): void {
  const status = document.querySelector(".sorted");
  if (status) status.textContent = `Sorted by ${name}, ${direction}.`;
}
