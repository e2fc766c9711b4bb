import { isShortcut, letterOf } from "../core/keys";

/**
 * Cards that are dragged into another column; M, arrows and Enter do the same. Both only choose in
 * the card's own “Move to” list, which is what tells the server.
 *
 * @example <m-board><section data-status="todo"><ol><li data-task draggable="true">…<select name="status"></li></ol></section></m-board>
 */
export class Board extends HTMLElement {
  #card: HTMLElement | null = null;
  #moving: HTMLElement | null = null;

  connectedCallback() {
    this.addEventListener("dragstart", this.#begin);
    this.addEventListener("dragover", this.#over);
    this.addEventListener("dragend", this.#end);
    this.addEventListener("drop", this.#drop);
    this.addEventListener("keydown", this.#key);
  }

  #begin = (event: DragEvent) => {
    this.#card = (event.target as Element).closest<HTMLElement>("[data-task][draggable]");
    this.#card?.classList.add("is-dragged");
    event.dataTransfer?.setData("text/plain", this.#card?.dataset.task ?? "");
  };

  #over = (event: DragEvent) => {
    const column = columnOf(event.target);
    if (!this.#card || !column) return;
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
    if (!this.#moving) {
      if (card && letterOf(event) === "m") {
        event.preventDefault();
        event.stopPropagation();
        this.#moving = card;
        card.classList.add("is-moving");
        this.#mark(columnOf(card));
      }
      return;
    }
    const columns = [...this.querySelectorAll<HTMLElement>("[data-status]")];
    const at = columns.findIndex((column) => column.classList.contains("is-over"));
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) this.#mark(columns[Math.min(Math.max(at + step, 0), columns.length - 1)] ?? null);
    else if (event.key === "Enter") choose(this.#moving, columns[at]?.dataset.status ?? "");
    else if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (!step) {
      this.#moving.classList.remove("is-moving");
      this.#moving = null;
      this.#mark(null);
    }
  };

  #mark(column: HTMLElement | null) {
    for (const one of this.querySelectorAll("[data-status]")) one.classList.toggle("is-over", one === column);
  }
}

function columnOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-status]") : null;
}

function choose(card: HTMLElement, status: string): void {
  const select = card.querySelector<HTMLSelectElement>('select[name="status"]');
  if (!select || !status || select.value === status) return;
  select.value = status;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

customElements.define("m-board", Board);
