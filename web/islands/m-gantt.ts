import { isShortcut, letterOf } from "../core/keys";
import { dayAt, offsetOf, shifted } from "./gantt-days";

const PATH = "muster.gantt.path";
const EDGE = 7;
const PAUSE = 700;

/**
 * Moves the bars that the server drew: by hand, or by keys while a bar has the focus. What was
 * meant is written into the form inside, and the server says what would follow.
 *
 * @example <m-gantt data-px="17" data-first="2026-11-02" data-off="0000011…"><form hidden>…</form><svg><g data-task data-moves tabindex="0">…</g></svg></m-gantt>
 */
export class Gantt extends HTMLElement {
  #bar: SVGGElement | null = null;
  #from = 0;
  #stretches = false;
  #days = 0;
  #end = 0;
  #waits = false;
  #timer = 0;
  #dragged = false;

  connectedCallback() {
    this.addEventListener("keydown", this.#key);
    this.addEventListener("pointerdown", this.#grab);
    this.addEventListener("click", this.#open);
    this.addEventListener("focusout", this.#leave);
    this.ownerDocument.addEventListener("click", this.#toggle);
    this.ownerDocument.addEventListener("keydown", this.#zoom);
    this.ownerDocument.addEventListener("htmx:after:swap", this.#redrawn);
    this.#redrawn();
    this.#goToday();
  }

  disconnectedCallback() {
    this.ownerDocument.removeEventListener("click", this.#toggle);
    this.ownerDocument.removeEventListener("keydown", this.#zoom);
    this.ownerDocument.removeEventListener("htmx:after:swap", this.#redrawn);
  }

  get #px() {
    return Number(this.dataset.px);
  }

  get #scroll() {
    return this.querySelector<HTMLElement>(".gantt-scroll");
  }

  #goToday() {
    const scroll = this.#scroll;
    if (scroll && !scroll.scrollLeft) scroll.scrollLeft = Math.max(Number(this.dataset.today) - 160, 0);
  }

  #toggle = (event: MouseEvent) => {
    const button = (event.target as Element).closest("[data-path]");
    if (button) this.#showPath(button.getAttribute("aria-pressed") !== "true");
  };

  /** What the server sends knows nothing of this reader's choice. */
  #redrawn = () => this.#showPath(localStorage.getItem(PATH) === "on");

  #showPath(on: boolean) {
    localStorage.setItem(PATH, on ? "on" : "off");
    this.classList.toggle("shows-path", on);
    this.ownerDocument.querySelector("[data-path]")?.setAttribute("aria-pressed", String(on));
  }

  #zoom = (event: KeyboardEvent) => {
    if (!isShortcut(event) || this.ownerDocument.querySelector("dialog[open]")) return;
    const way = { "+": "in", "=": "in", "-": "out" }[event.key];
    if (way) this.ownerDocument.querySelector<HTMLElement>(`[data-zoom="${way}"]`)?.click();
    else if (letterOf(event) === "t" && this.#scroll) {
      this.#scroll.scrollLeft = 0;
      this.#goToday();
    }
  };

  // Keys on a bar.

  #key = (event: KeyboardEvent) => {
    const bar = (event.target as Element).closest<SVGGElement>("[data-task]");
    if (!bar || !isShortcut(event)) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const letter = letterOf(event);
    if (step) {
      if (!bar.hasAttribute(event.shiftKey ? "data-stretches" : "data-moves")) return;
      this.#take(bar);
      if (event.shiftKey) this.#end += step;
      else this.#days += step;
      this.#draw();
      if (!this.#waits) {
        window.clearTimeout(this.#timer);
        this.#timer = window.setTimeout(() => this.#send(), PAUSE);
      }
    } else if (letter === "m" && bar.matches("[data-moves], [data-stretches]")) {
      this.#take(bar);
      this.#waits = true;
      this.#say(this.dataset.saysMoving ?? "");
    } else if (event.key === "Enter" && this.#bar) this.#send();
    else if (event.key === "Escape" && this.#bar) this.#drop();
    else if (event.key === "Enter" || event.key === " " || letter === "d") this.#link(bar)?.click();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#next(bar, event.key === "ArrowDown" ? 1 : -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  #next(bar: SVGGElement, by: number) {
    const bars = [...this.querySelectorAll<SVGGElement>("[data-task]")];
    bars[bars.indexOf(bar) + by]?.focus();
  }

  #link(bar: SVGGElement) {
    return this.querySelector<HTMLElement>(`a[href$="${bar.dataset.task}"]`);
  }

  #take(bar: SVGGElement) {
    if (this.#bar === bar) return;
    this.#drop();
    this.#bar = bar;
    bar.classList.add("is-moving");
  }

  #drop() {
    window.clearTimeout(this.#timer);
    this.#bar?.classList.remove("is-moving");
    this.#bar?.removeAttribute("transform");
    const body = this.#bar?.querySelector<SVGRectElement>(".g-body");
    if (body?.dataset.width) body.setAttribute("width", body.dataset.width);
    this.#bar = null;
    this.#days = this.#end = 0;
    this.#waits = false;
    this.#say("");
  }

  #leave = (event: FocusEvent) => {
    if (this.#bar && event.target === this.#bar && !this.#dragged) this.#drop();
  };

  /** Shows where the bar would be, before anything is asked. */
  #draw() {
    const bar = this.#bar;
    if (!bar) return;
    const { first = "", off = "" } = this.dataset;
    const start = offsetOf(first, bar.dataset.start ?? "");
    const end = offsetOf(first, bar.dataset.end ?? "");
    const moved = shifted(off, start, this.#days);
    bar.setAttribute("transform", `translate(${(moved - start) * this.#px} 0)`);
    const body = bar.querySelector<SVGRectElement>(".g-body");
    if (body && this.#end) {
      body.dataset.width ??= body.getAttribute("width") ?? "";
      const width = Number(body.dataset.width) + (shifted(off, end, this.#end) - end) * this.#px;
      body.setAttribute("width", String(Math.max(width, this.#px - 2)));
    }
    this.#say(`${dayAt(first, moved)}`);
  }

  #send() {
    const bar = this.#bar;
    if (!bar || (!this.#days && !this.#end)) return this.#drop();
    const { task = "" } = bar.dataset;
    const asked: Record<string, string> = { task };
    if (this.#days) asked.by = String(this.#days);
    if (this.#end) asked.end_by = String(this.#end);
    this.#drop();
    this.#ask(asked);
  }

  #ask(asked: Record<string, string>) {
    const form = this.querySelector("form");
    if (!form) return;
    for (const input of form.querySelectorAll<HTMLInputElement>("input:not([type=hidden])")) input.value = asked[input.name] ?? "";
    form.requestSubmit();
  }

  #say(text: string) {
    const place = this.querySelector("[data-status]");
    if (place) place.textContent = text;
  }

  // The hand.

  #grab = (event: PointerEvent) => {
    const bar = (event.target as Element).closest<SVGGElement>("[data-moves], [data-stretches]");
    if (!bar || event.button) return;
    const edge = bar.querySelector(".g-body")?.getBoundingClientRect().right ?? 0;
    this.#stretches = bar.hasAttribute("data-stretches") && Math.abs(event.clientX - edge) < EDGE;
    if (!this.#stretches && !bar.hasAttribute("data-moves")) return;
    this.#from = event.clientX;
    this.#dragged = false;
    const move = (moved: PointerEvent) => {
      const days = Math.round((moved.clientX - this.#from) / this.#px);
      if (!this.#dragged && Math.abs(moved.clientX - this.#from) < 4) return;
      this.#dragged = true;
      bar.classList.add("is-moving");
      const body = bar.querySelector<SVGRectElement>(".g-body");
      if (this.#stretches && body) {
        body.dataset.width ??= body.getAttribute("width") ?? "";
        body.setAttribute("width", String(Math.max(Number(body.dataset.width) + days * this.#px, this.#px - 2)));
      } else bar.setAttribute("transform", `translate(${days * this.#px} 0)`);
    };
    const up = (last: PointerEvent) => {
      this.ownerDocument.removeEventListener("pointermove", move);
      const days = Math.round((last.clientX - this.#from) / this.#px);
      this.#bar = bar;
      this.#drop();
      if (!this.#dragged || !days) return;
      const { first = "" } = this.dataset;
      const name = this.#stretches ? "end" : "start";
      const at = offsetOf(first, bar.dataset[name] ?? "") + days;
      this.#ask({ task: bar.dataset.task ?? "", [name]: dayAt(first, at) });
    };
    this.ownerDocument.addEventListener("pointermove", move);
    this.ownerDocument.addEventListener("pointerup", up, { once: true });
  };

  #open = (event: MouseEvent) => {
    const bar = (event.target as Element).closest<SVGGElement>("g[data-task]");
    if (bar && !this.#dragged) this.#link(bar)?.click();
    this.#dragged = false;
  };
}

customElements.define("m-gantt", Gantt);
