import { type At, beginsTyping, filledDown, inside, parseTsv, pasted, places, range, step, toTsv } from "./sheet";

interface Write {
  line: string;
  field: string;
  text: string;
  /** What stood there before: the server asks if a colleague has written something else meanwhile. */
  was: string;
}

/**
 * The hands of a table of money: arrows choose a cell, Enter or F2 edits it, Tab and Enter keep it,
 * Esc does not; blocks are copied to and from Excel, Ctrl or ⌘ + D fills down, + Z takes back.
 * The server works out what was typed and keeps it; without this island each line has a form.
 *
 * @example
 *   <budget-grid data-url="/c/cmp_…/budget/cells"><table>
 *     <tr data-line="lin_…"><td data-cell="planned" data-raw="1200.00">1,200</td></tr>
 *   </table></budget-grid>
 */
export class BudgetGrid extends HTMLElement {
  #here: At = { row: 0, column: 0 };
  #end: At = { row: 0, column: 0 };
  #past: Write[][] = [];
  #wrote = false;
  #held = false;
  #missed = false;
  #observer: MutationObserver | undefined;

  connectedCallback() {
    this.addEventListener("keydown", this.#press);
    this.addEventListener("mousedown", this.#point);
    this.addEventListener("dblclick", this.#open);
    this.addEventListener("copy", this.#copy);
    this.addEventListener("paste", this.#paste);
    this.ownerDocument.addEventListener("focusin", this.#hold);
    this.ownerDocument.addEventListener("pointerdown", this.#hold);
    this.ownerDocument.addEventListener("htmx:before:swap", this.#guard);
    // A refreshed table is a new one: which cell was chosen is told by its place.
    this.#observer = new MutationObserver(() => this.#dress());
    this.#observer.observe(this, { childList: true, subtree: true, attributes: true, attributeFilter: ["tabindex"] });
    queueMicrotask(() => this.#dress());
  }

  disconnectedCallback() {
    this.removeEventListener("keydown", this.#press);
    this.removeEventListener("mousedown", this.#point);
    this.removeEventListener("dblclick", this.#open);
    this.removeEventListener("copy", this.#copy);
    this.removeEventListener("paste", this.#paste);
    this.ownerDocument.removeEventListener("focusin", this.#hold);
    this.ownerDocument.removeEventListener("pointerdown", this.#hold);
    this.ownerDocument.removeEventListener("htmx:before:swap", this.#guard);
    this.#observer?.disconnect();
  }

  #hold = (event: Event) => {
    this.#held = this.contains(event.target as Node);
  };

  // News from a colleague waits until the cell that is being typed into is left.
  #guard = (event: Event) => {
    if (!this.querySelector(".cell-input") || !(event.target as Node).contains(this)) return;
    event.preventDefault();
    this.#missed = true;
  };

  get #rows(): HTMLElement[][] {
    return [...this.querySelectorAll<HTMLElement>("tr[data-line]")].map((row) => [...row.querySelectorAll<HTMLElement>("[data-cell], [data-fixed]")]);
  }

  #cell(at: At): HTMLElement | undefined {
    return this.#rows[at.row]?.[at.column];
  }

  #place(cell: Element | null): At | undefined {
    const rows = this.#rows;
    const row = rows.findIndex((cells) => cells.includes(cell as HTMLElement));
    return row < 0 ? undefined : { row, column: rows[row]!.indexOf(cell as HTMLElement) };
  }

  #dress() {
    const chosen = range(this.#here, this.#end);
    this.#rows.forEach((cells, row) =>
      cells.forEach((cell, column) => {
        const is = row === this.#here.row && column === this.#here.column;
        set(cell, "tabindex", is ? "0" : "-1");
        cell.classList.toggle("chosen", inside(chosen, { row, column }) && (chosen.from.row !== chosen.to.row || chosen.from.column !== chosen.to.column));
      }),
    );
    // The cell that had the focus may have been exchanged for a fresh one.
    if (this.#held && this.ownerDocument.activeElement === this.ownerDocument.body) this.#cell(this.#here)?.focus({ preventScroll: true });
  }

  #go(at: At, extend = false) {
    if (!extend) this.#here = at;
    this.#end = at;
    this.#dress();
    this.#cell(at)?.focus();
  }

  #press = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.isComposing || event.keyCode === 229 || target.closest(".cell-input")) return;
    const cell = target.closest<HTMLElement>("[data-cell], [data-fixed]");
    const at = this.#place(cell);
    if (!cell || !at) return;
    const command = event.ctrlKey || event.metaKey;
    const rows = this.#rows;
    if (/^(Arrow(Up|Down|Left|Right)|Home|End)$/.test(event.key)) {
      event.preventDefault();
      this.#go(step(event.shiftKey ? this.#end : at, event.key, rows.length, rows[at.row]!.length, command), event.shiftKey);
    } else if (command && event.code === "KeyD") {
      event.preventDefault();
      this.#write(filledDown(range(this.#here, this.#end), (place) => raw(this.#cell(place))));
    } else if (command && event.code === "KeyZ" && !event.shiftKey) {
      // Once all that was written here is taken back, the key means nothing here; the page's own undo would redo it.
      if (!this.#wrote) return;
      event.preventDefault();
      const past = this.#past.pop();
      if (past) this.#send(past);
    } else if (command || event.altKey) return;
    else if (event.key === "Enter" || event.key === "F2") {
      if (target.closest("a")) return;
      event.preventDefault();
      this.#edit(cell, at);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.#write(places(range(this.#here, this.#end)).filter((place) => this.#cell(place)?.dataset.cell !== "status").map((place) => [place, ""]));
    } else if (beginsTyping(event.key) && numeric(cell)) {
      event.preventDefault();
      event.stopPropagation();
      this.#edit(cell, at, event.key);
    }
  };

  #point = (event: MouseEvent) => {
    const target = event.target as Element;
    const at = this.#place(target.closest("[data-cell], [data-fixed]"));
    if (!at || target.closest("a, input, select, button")) return;
    if (event.shiftKey) event.preventDefault();
    this.#go(at, event.shiftKey);
  };

  #open = (event: MouseEvent) => {
    const cell = (event.target as Element).closest<HTMLElement>("[data-cell]");
    const at = this.#place(cell);
    if (cell && at && !(event.target as Element).closest(".cell-input")) this.#edit(cell, at);
  };

  #edit(cell: HTMLElement, at: At, typed = "") {
    if (!this.dataset.url || !cell.dataset.cell) return;
    const page = this.ownerDocument;
    const options = (cell.dataset.options ?? "").split(";").filter(Boolean);
    const field = page.createElement(options.length ? "select" : "input");
    field.className = `cell-input ${options.length ? "select" : "input"} input-s${numeric(cell) ? " num input-num" : ""}`;
    field.setAttribute("aria-label", heading(cell));
    for (const option of options) {
      const [value = "", name = ""] = option.split("=");
      field.append(new Option(name, value, false, value === raw(cell)));
    }
    if (field instanceof HTMLInputElement) field.value = typed || raw(cell).replace(/\.00$/, "");
    const shown = [...cell.childNodes];
    cell.replaceChildren(field);
    field.focus();
    if (field instanceof HTMLInputElement && !typed) field.select();
    let over = false;
    const leave = (keep: boolean, to: At) => {
      if (over) return;
      over = true;
      const text = field.value;
      cell.replaceChildren(...shown);
      if (keep) this.#write([[at, text]]);
      this.#go(to);
      if (this.#missed) this.closest("[data-live]")?.dispatchEvent(new CustomEvent("live:refresh"));
      this.#missed = false;
    };
    const around = () => this.#rows;
    field.addEventListener("keydown", (event) => {
      const key = (event as KeyboardEvent).key;
      if ((event as KeyboardEvent).isComposing || (event as KeyboardEvent).keyCode === 229) return;
      event.stopPropagation();
      if (key === "Escape") leave(false, at);
      else if (key === "Enter") leave(true, step(at, "ArrowDown", around().length, 1e3));
      else if (key === "Tab") leave(true, step(at, (event as KeyboardEvent).shiftKey ? "ArrowLeft" : "ArrowRight", 1e3, around()[at.row]!.length));
      else return;
      event.preventDefault();
    });
    field.addEventListener("blur", () => leave(true, at));
  }

  #copy = (event: ClipboardEvent) => {
    if ((event.target as Element).closest?.(".cell-input")) return;
    const { from, to } = range(this.#here, this.#end);
    const rows = this.#rows.slice(from.row, to.row + 1).map((cells) => cells.slice(from.column, to.column + 1).map(raw));
    event.clipboardData?.setData("text/plain", toTsv(rows));
    event.preventDefault();
  };

  #paste = (event: ClipboardEvent) => {
    if ((event.target as Element).closest?.(".cell-input") || !this.dataset.url) return;
    const text = event.clipboardData?.getData("text/plain");
    if (!text) return;
    event.preventDefault();
    const rows = this.#rows;
    this.#write(pasted(parseTsv(text), range(this.#here, this.#end), rows.length, rows[0]?.length ?? 0));
  };

  #write(texts: [At, string][]) {
    const writes: Write[] = [];
    const before: Write[] = [];
    for (const [at, text] of texts) {
      const cell = this.#cell(at);
      const line = cell?.closest<HTMLElement>("tr")?.dataset.line;
      const field = cell?.dataset.cell;
      if (!line || !field || text.trim() === raw(cell)) continue;
      writes.push({ line, field, text, was: raw(cell) });
      before.push({ line, field, text: raw(cell), was: text });
    }
    if (!writes.length) return;
    this.#past.push(before);
    this.#wrote = true;
    this.#send(writes);
  }

  #send(cells: Write[]) {
    if (!this.dataset.url) return;
    window.htmx.ajax("POST", this.dataset.url, { source: this, swap: "none", values: { cells: JSON.stringify(cells) } });
  }
}

function raw(cell: HTMLElement | undefined): string {
  return cell?.dataset.raw ?? "";
}

function numeric(cell: HTMLElement): boolean {
  return cell.classList.contains("num");
}

function heading(cell: HTMLElement): string {
  const line = cell.closest("tr")?.querySelector("th")?.textContent?.trim() ?? "";
  return `${line} · ${cell.dataset.label ?? ""}`;
}

function set(element: Element, name: string, value: string) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

customElements.define("budget-grid", BudgetGrid);
