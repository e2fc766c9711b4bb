import { digitOf, isShortcut, letterOf } from "../core/keys";

/**
 * Cards that are dragged into another column; M, arrows and Enter do the same. Both only choose in
 * the card's own “Move to” list, which is what tells the server; a column that the list does not have
 * takes no card. With `data-digits` the number of a column brings the card there at once.
 *
 * @example <m-board><section data-status="todo"><ol><li data-task draggable="true">…<select name="status"></li></ol></section></m-board>
 */
export class Board extends HTMLElement {
  #card: HTMLElement | null = null;
  /** What the keys move and where to: by name, for the board may be drawn anew meanwhile. */
  #move: { task: string; status: string } | null = null;

  connectedCallback() {
    this.addEventListener("dragstart", this.#begin);
    this.addEventListener("dragover", this.#over);
    this.addEventListener("dragend", this.#end);
    this.addEventListener("drop", this.#drop);
    this.addEventListener("keydown", this.#key);
    document.addEventListener("htmx:after:swap", this.#again);
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:after:swap", this.#again);
  }

  #begin = (event: DragEvent) => {
    this.#card = (event.target as Element).closest<HTMLElement>("[data-task][draggable]");
    this.#card?.classList.add("is-dragged");
    event.dataTransfer?.setData("text/plain", this.#card?.dataset.task ?? "");
  };

  #over = (event: DragEvent) => {
    const column = columnOf(event.target);
    if (!this.#card) return;
    if (!column || !canGo(this.#card, column.dataset.status ?? "")) return this.#mark(null);
    event.preventDefault();
    this.#mark(column);
  };

  #end = () => {
    this.#card?.classList.remove("is-dragged");
    this.#card = null;
    this.#mark(null);
  };

  #drop = (event: DragEvent) => {
    const column = columnOf(event.target);
    if (this.#card && column) {
      event.preventDefault();
      choose(this.#card, column.dataset.status ?? "");
    }
    this.#end();
  };

  #key = (event: KeyboardEvent) => {
    if (!isShortcut(event)) return;
    const card = (event.target as Element).closest<HTMLElement>("[data-task][draggable]");
    if (!this.#move) {
      if (card && letterOf(event) === "m") {
        event.preventDefault();
        event.stopPropagation();
        this.#move = { task: card.dataset.task ?? "", status: columnOf(card)?.dataset.status ?? "" };
        this.#show();
      } else if (card && digitOf(event) && "digits" in this.dataset) {
        const column = this.querySelectorAll<HTMLElement>("[data-status]")[Number(digitOf(event)) - 1];
        if (!column) return;
        event.preventDefault();
        event.stopPropagation();
        choose(card, column.dataset.status ?? "");
      }
      return;
    }
    const { task, status } = this.#move;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const moving = this.#find(task);
      const all = [...this.querySelectorAll<HTMLElement>("[data-status]")]
        .map((one) => one.dataset.status ?? "")
        .filter((one) => !moving || canGo(moving, one));
      this.#move.status = all[Math.min(Math.max(all.indexOf(status) + step, 0), all.length - 1)] ?? status;
    } else if (event.key === "Enter" || event.key === "Escape") {
      const moved = event.key === "Enter" ? this.#find(task) : null;
      this.#move = null;
      if (moved) choose(moved, status);
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.#show();
  };

  #find(task: string): HTMLElement | null {
    return this.querySelector<HTMLElement>(`[data-task="${CSS.escape(task)}"][draggable]`);
  }

  #again = () => {
    if (this.#move) this.#show();
  };

  #show() {
    const { task, status } = this.#move ?? { task: "", status: "" };
    for (const one of this.querySelectorAll(".is-moving")) one.classList.remove("is-moving");
    if (task) this.#find(task)?.classList.add("is-moving");
    this.#mark(status ? this.querySelector<HTMLElement>(`[data-status="${CSS.escape(status)}"]`) : null);
  }

  #mark(column: HTMLElement | null) {
    for (const one of this.querySelectorAll("[data-status]")) one.classList.toggle("is-over", one === column);
  }
}

function columnOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-status]") : null;
}

/** Whether the card's own list has it, so it may go there or is there. */
function canGo(card: HTMLElement, status: string): boolean {
  return [...card.querySelectorAll<HTMLOptionElement>('select[name="status"] option')].some((one) => one.value === status);
}

function choose(card: HTMLElement, status: string): void {
  const select = card.querySelector<HTMLSelectElement>('select[name="status"]');
  if (!select || !canGo(card, status) || select.value === status) return;
  select.value = status;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

customElements.define("m-board", Board);
