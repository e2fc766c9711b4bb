import { shifted } from "./sheet";

/**
 * The rule bar: its borders are dragged, or moved by the arrow keys, and the typed sums beside it
 * follow; typing moves the borders. The form around it is kept when the hand lets go.
 *
 * @example <form><rule-bar data-total="500000">svg.rulebar</rule-bar> <input name="core" …></form>
 */
export class RuleBar extends HTMLElement {
  #dragged: number | undefined;

  connectedCallback() {
    this.addEventListener("pointerdown", this.#take);
    this.addEventListener("pointermove", this.#drag);
    this.addEventListener("pointerup", this.#drop);
    this.addEventListener("keydown", this.#press);
    this.closest("form")?.addEventListener("input", this.#typed);
  }

  disconnectedCallback() {
    this.removeEventListener("pointerdown", this.#take);
    this.removeEventListener("pointermove", this.#drag);
    this.removeEventListener("pointerup", this.#drop);
    this.removeEventListener("keydown", this.#press);
    this.closest("form")?.removeEventListener("input", this.#typed);
  }

  get #total(): number {
    return Number(this.dataset.total);
  }

  get #parts(): SVGElement[] {
    return [...this.querySelectorAll<SVGElement>("[data-part]")];
  }

  #field(part: SVGElement): HTMLInputElement | null {
    return this.closest("form")?.querySelector<HTMLInputElement>(`input[name="${part.dataset.part}"]`) ?? null;
  }

  get #sums(): number[] {
    return this.#parts.map((part) => Number(this.#field(part)?.value.replace(/[,，\s]/g, "")) || 0);
  }

  #take = (event: PointerEvent) => {
    const grip = (event.target as Element).closest<SVGElement>(".border");
    if (!grip) return;
    this.#dragged = Number(grip.dataset.between);
    this.setPointerCapture(event.pointerId);
    grip.focus();
    event.preventDefault();
  };

  #drag = (event: PointerEvent) => {
    if (this.#dragged === undefined) return;
    const box = this.getBoundingClientRect();
    this.#move(this.#dragged, (event.clientX - box.left) / box.width);
  };

  #drop = () => {
    if (this.#dragged === undefined) return;
    this.#dragged = undefined;
    this.closest("form")?.requestSubmit();
  };

  #press = (event: KeyboardEvent) => {
    const grip = (event.target as Element).closest<SVGElement>(".border");
    if (!grip) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.closest("form")?.requestSubmit();
      return;
    }
    const by = { ArrowLeft: -0.01, ArrowDown: -0.01, ArrowRight: 0.01, ArrowUp: 0.01, PageUp: 0.05, PageDown: -0.05 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const between = Number(grip.dataset.between);
    const now = this.#sums.slice(0, between + 1).reduce((sum, part) => sum + part, 0) / this.#total;
    this.#move(between, now + by);
  };

  #move(between: number, share: number) {
    const coin = this.#total >= 10_000 ? 100 : 1;
    const sums = shifted(this.#sums, between, share, this.#total, coin);
    this.#parts.forEach((part, at) => {
      const field = this.#field(part);
      if (field) field.value = sums[at]!.toFixed(2);
    });
    this.#draw(sums);
  }

  #typed = (event: Event) => {
    const field = event.target as HTMLInputElement;
    if (field.name === "other" || !/^[\d,，.\s]+$/.test(field.value)) return;
    const sums = this.#sums;
    const others = this.#parts.findIndex((part) => part.dataset.part === "other");
    sums[others] = this.#total - sums.reduce((sum, part, at) => (at === others ? sum : sum + part), 0);
    if (sums[others]! < 0) return;
    const rest = this.#field(this.#parts[others]!);
    if (rest) rest.value = sums[others]!.toFixed(2);
    this.#draw(sums);
  };

  #draw(sums: number[]) {
    let from = 0;
    this.#parts.forEach((part, at) => {
      const share = sums[at]! / this.#total;
      part.setAttribute("x", percent(from));
      part.setAttribute("width", percent(share));
      from += share;
      const grip = this.querySelector(`[data-between="${at}"]`);
      grip?.setAttribute("x", percent(from));
      grip?.setAttribute("aria-valuenow", String(Math.round(from * 1000) / 10));
      grip?.setAttribute("aria-valuetext", percent(share, 1));
      const shown = this.closest("form")?.querySelector(`[data-share="${part.dataset.part}"]`);
      if (shown) shown.textContent = percent(share, 1);
    });
  }
}

function percent(share: number, digits = 3): string {
  return `${Math.round(share * 100 * 10 ** digits) / 10 ** digits}%`;
}

customElements.define("rule-bar", RuleBar);
