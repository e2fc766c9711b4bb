/**
 * The matrix of duties as a grid for the keyboard: arrows move, Shift + arrows choose several,
 * R A C I set and take away, Backspace clears. Nothing is kept here but what was changed: each
 * change is sent to the form, whose answer says what it would bring about.
 *
 * There are thousands of cells, so a cell carries only its letters and its name; whose it is
 * stands in its row (`id`) and column (`data-who`).
 *
 * @example
 *   <m-raci data-may-set data-r="Responsible" data-a="Accountable" data-c="Consulted" data-i="Informed" data-none="no duty">
 *     <button data-letter="R">…</button>
 *     <table role="grid"><thead><tr>…<th data-who="usr_…">Wang Min</th></tr></thead>
 *       <tbody><tr id="tsk_…">…<td aria-label="Copy, Wang Min: A/R (…)" data-letters="A/R">A/R</td></tr></tbody></table>
 *     <form><input name="cells"></form>
 *   </m-raci>
 */
export class Raci extends HTMLElement {
  /** Changed cell → the letters that are kept. */
  #changed = new Map<HTMLElement, string>();
  #chosen: HTMLElement[] = [];
  #here: HTMLElement | undefined;
  #from: HTMLElement | undefined;
  #hadFocus = false;
  #timer = 0;

  connectedCallback() {
    this.addEventListener("keydown", this.#onKey);
    this.addEventListener("click", this.#onClick);
    this.addEventListener("focusin", this.#onFocus);
    this.addEventListener("live:refresh", this.#onNews);
    this.ownerDocument.body.addEventListener("raci-applied", this.#forget);
    this.ownerDocument.addEventListener("htmx:before:swap", this.#guard);
    this.ownerDocument.addEventListener("htmx:after:swap", this.#return);
  }

  disconnectedCallback() {
    this.removeEventListener("keydown", this.#onKey);
    this.removeEventListener("click", this.#onClick);
    this.removeEventListener("focusin", this.#onFocus);
    this.removeEventListener("live:refresh", this.#onNews);
    this.ownerDocument.body.removeEventListener("raci-applied", this.#forget);
    this.ownerDocument.removeEventListener("htmx:before:swap", this.#guard);
    this.ownerDocument.removeEventListener("htmx:after:swap", this.#return);
    clearTimeout(this.#timer);
  }

  cells(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(CELL)];
  }

  #grid(): HTMLElement[][] {
    const rows = new Map<Element, HTMLElement[]>();
    for (const cell of this.cells()) {
      const row = cell.parentElement!;
      rows.set(row, [...(rows.get(row) ?? []), cell]);
    }
    return [...rows.values()];
  }

  #onFocus = (event: Event) => {
    const cell = (event.target as Element).closest<HTMLElement>(CELL);
    if (cell && cell !== this.#here) this.#stand(cell, false);
  };

  #onKey = (event: KeyboardEvent) => {
    const cell = (event.target as Element).closest<HTMLElement>(CELL);
    if (!cell || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) {
      const next = neighbour(this.#grid(), cell, step);
      if (next) this.#stand(next, event.shiftKey);
    } else if (event.key === "Backspace" || event.key === "Delete") this.#set("");
    else if (event.key === "Escape" && this.#from !== this.#here) this.#stand(cell, false);
    // By its place on the keyboard, so that a Chinese input method does not swallow it.
    else if (/^Key[RACI]$/.test(event.code)) this.#set(event.code.slice(3));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  #onClick = (event: Event) => {
    const target = event.target as Element;
    const button = target.closest<HTMLElement>("[data-letter]");
    const cell = target.closest<HTMLElement>(CELL);
    if (button) this.#set(button.dataset.letter ?? "");
    else if (cell) this.#stand(cell, (event as MouseEvent).shiftKey);
    else if (target.closest("[data-discards]")) this.#discard();
  };

  // Somebody else changed something: fetch it, unless that would wipe out what is not applied yet.
  #onNews = () => {
    if (!this.#changed.size) this.dispatchEvent(new CustomEvent("raci-refresh", { bubbles: true }));
  };

  // The same for what was on its way when the first key was pressed.
  #guard = (event: Event) => {
    if (this.#changed.size && (event.target as Node).contains(this)) event.preventDefault();
    this.#hadFocus = this.contains(this.ownerDocument.activeElement);
  };

  // What comes from the server puts the first cell in the tab order again.
  #return = () => {
    const here = this.#here;
    if (!here?.isConnected || here.hasAttribute("tabindex")) return;
    const isFocused = this.#hadFocus && this.ownerDocument.activeElement === this.ownerDocument.body;
    this.#stand(here, false, isFocused);
  };

  #stand(cell: HTMLElement, stretch: boolean, focused = true) {
    for (const one of this.querySelectorAll(`${CELL}[tabindex]`)) one.removeAttribute("tabindex");
    cell.tabIndex = 0;
    this.#here = cell;
    if (!stretch || !this.#from?.isConnected) this.#from = cell;
    for (const one of this.#chosen) one.removeAttribute("aria-selected");
    const chosen = this.#from === cell ? [] : between(this.#grid(), this.#from, cell);
    for (const one of chosen) one.setAttribute("aria-selected", "true");
    this.#chosen = chosen;
    if (focused) cell.focus();
  }

  #set(letter: string) {
    if (!("maySet" in this.dataset)) return;
    const here = this.#here?.isConnected ? this.#here : this.cells()[0];
    if (!here) return;
    const chosen = between(this.#grid(), this.#from?.isConnected ? this.#from : here, here);
    for (const cell of chosen) this.#put(cell, letter ? pressed(cell.dataset.letters ?? "", letter) : "");
    here.focus();
    this.#ask();
  }

  #put(cell: HTMLElement, letters: string) {
    if (letters.includes("A")) {
      // One task has one A: whoever had it in this row loses it.
      for (const other of cell.parentElement!.querySelectorAll<HTMLElement>(CELL)) {
        const held = other.dataset.letters ?? "";
        if (other !== cell && held.includes("A")) this.#write(other, pressed(held, "A"));
      }
    }
    this.#write(cell, letters);
  }

  #write(cell: HTMLElement, letters: string) {
    const kept = this.#changed.get(cell) ?? cell.dataset.letters ?? "";
    if (letters === kept) this.#changed.delete(cell);
    else this.#changed.set(cell, kept);
    if (letters) cell.dataset.letters = letters;
    else delete cell.dataset.letters;
    cell.textContent = letters;
    cell.toggleAttribute("data-changed", this.#changed.has(cell));
    this.#name(cell);
  }

  #name(cell: HTMLElement) {
    const held = cell.dataset.letters ?? "";
    const words = held.split("/").map((letter) => this.dataset[letter.toLowerCase()] ?? letter).join(", ");
    const name = cell.getAttribute("aria-label") ?? "";
    const of = name.slice(0, name.lastIndexOf(": ") + 2);
    cell.setAttribute("aria-label", of + (held ? `${held} (${words})` : this.dataset.none));
  }

  /** The task and the person or team of a cell. */
  #is(cell: HTMLElement): string {
    const row = cell.parentElement!;
    const column = [...row.querySelectorAll<HTMLElement>(CELL)].indexOf(cell);
    return `${row.id}:${this.querySelectorAll<HTMLElement>("[data-who]")[column]?.dataset.who}`;
  }

  #ask() {
    const form = this.querySelector<HTMLFormElement>("form");
    const field = form?.querySelector<HTMLInputElement>('[name="cells"]');
    if (!form || !field) return;
    field.value = [...this.#changed.keys()].map((cell) => `${this.#is(cell)}:${(cell.dataset.letters ?? "").replaceAll("/", "")}`).join(" ");
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => form.requestSubmit(), 250);
  }

  #discard() {
    for (const [cell, kept] of [...this.#changed]) this.#write(cell, kept);
    this.#ask();
  }

  #forget = () => {
    this.#changed.clear();
    this.querySelector("#raci-effects")?.replaceChildren();
    if (this.#here?.isConnected) this.#here.focus();
  };
}

const CELL = "td[aria-label]";
const STEPS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity],
};

/** The cell one step away, or undefined at the edge. */
export function neighbour<T>(grid: T[][], cell: T, [down, right]: [number, number]): T | undefined {
  const [row, column] = place(grid, cell);
  const line = grid[row + down];
  if (!line) return undefined;
  return line[Math.max(0, Math.min(line.length - 1, column + right))];
}

/** Every cell of the rectangle between two cells. */
export function between<T>(grid: T[][], from: T, to: T): T[] {
  const [[top, left], [bottom, right]] = [place(grid, from), place(grid, to)];
  return grid
    .slice(Math.min(top, bottom), Math.max(top, bottom) + 1)
    .flatMap((line) => line.slice(Math.min(left, right), Math.max(left, right) + 1));
}

function place<T>(grid: T[][], cell: T): [number, number] {
  const row = grid.findIndex((line) => line.includes(cell));
  return [row, grid[row]?.indexOf(cell) ?? -1];
}

/** A cell after a letter was pressed: the letter again takes it away; A and R go together. */
export function pressed(letters: string, letter: string): string {
  const held = letters ? letters.split("/") : [];
  if (held.includes(letter)) return held.filter((one) => one !== letter).join("/");
  const kept = "AR".includes(letter) ? held.filter((one) => "AR".includes(one)) : [];
  return [...kept, letter].sort((a, b) => "ARCI".indexOf(a) - "ARCI".indexOf(b)).join("/");
}

customElements.define("m-raci", Raci);
