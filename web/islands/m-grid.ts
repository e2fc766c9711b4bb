/**
 * Arrow keys move between the cells of a table whose buttons carry `data-at`; Enter presses one as
 * ever; C posts `data-task` with the cell's `data-values`. Only one cell is in the tab order.
 *
 * @example <m-grid><table>…<td><button data-at data-task="/…" data-values='{"stage": "…"}'>…</table></m-grid>
 */
export class Grid extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#press(event));
    this.addEventListener("focusin", (event) => this.#only(event.target as HTMLElement));
    this.#only(this.#rows()[0]?.[0]);
  }

  #rows(): HTMLElement[][] {
    return [...this.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll<HTMLElement>("[data-at]")]);
  }

  #only(chosen: HTMLElement | undefined) {
    if (!chosen?.hasAttribute("data-at")) return;
    for (const cell of this.querySelectorAll<HTMLElement>("[data-at]")) cell.tabIndex = cell === chosen ? 0 : -1;
  }

  #press(event: KeyboardEvent) {
    const cell = event.target as HTMLElement;
    if (event.isComposing || !cell.hasAttribute("data-at")) return;
    const next = neighbour(this.#rows(), cell, event.key);
    if (next) {
      event.preventDefault();
      next.focus();
    } else if (event.code === "KeyC" && !event.metaKey && !event.ctrlKey && !event.altKey && cell.dataset.task) {
      event.preventDefault();
      event.stopPropagation();
      window.htmx.ajax("POST", cell.dataset.task, { source: this, swap: "none", values: JSON.parse(cell.dataset.values ?? "{}") });
    }
  }
}

/** The cell that a key leads to: the arrows step, Home and End go to the ends of the row. */
export function neighbour<T>(rows: T[][], cell: T, key: string): T | undefined {
  const y = rows.findIndex((row) => row.includes(cell));
  const x = rows[y]?.indexOf(cell) ?? -1;
  if (x < 0) return undefined;
  const row = rows[y]!;
  switch (key) {
    case "ArrowRight": return row[x + 1];
    case "ArrowLeft": return row[x - 1];
    case "ArrowDown": return rows[y + 1]?.[x];
    case "ArrowUp": return rows[y - 1]?.[x];
    case "Home": return row[0];
    case "End": return row[row.length - 1];
    default: return undefined;
  }
}

customElements.define("m-grid", Grid);
