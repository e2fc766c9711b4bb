import { isShortcut, letterOf } from "../core/keys";

/**
 * The calendar under the hand: tiles are dragged to another day, or moved there by keys; arrows go
 * from day to day, digits change the view. Everything is drawn by the server; this presses its links
 * and fills in its form `#calendar-move`.
 *
 * @example <m-calendar data-says-move="Move “%(name)s” …" data-says-left="…"><td data-date="2026-11-11">
 *   <a data-day="2026-11-11">11</a><a data-tile="sends:snd_7F3K" data-first="2026-11-11" data-name="…">…</a></td></m-calendar>
 */
export class Calendar extends HTMLElement {
  #moving: { tile: HTMLElement; to: string } | undefined;
  #dragged = false;
  #turned = false;
  #stop = new AbortController();

  connectedCallback() {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const page = this.ownerDocument;
    this.addEventListener("pointerdown", (event) => this.#press(event), { signal });
    this.addEventListener("dragstart", (event) => event.preventDefault(), { signal });
    this.addEventListener(
      "click",
      (event) => {
        if (!this.#dragged) return;
        event.preventDefault();
        event.stopPropagation();
      },
      { signal, capture: true },
    );
    // Before the keys of the whole page, for which C and digits mean other things.
    page.addEventListener("keydown", (event) => this.#key(event), { signal, capture: true });
    page.addEventListener("htmx:after:swap", (event) => this.#drawn(event), { signal });
    page.addEventListener("click", (event) => (event.target as Element).closest("[data-prints]") && page.defaultView?.print(), { signal });
  }

  disconnectedCallback() {
    this.#stop.abort();
  }

  /** Tells the rest of the page that the days are drawn anew, and keeps the focus on a day. */
  #drawn(event: Event) {
    const { ctx } = (event as CustomEvent<{ ctx: { target?: Element | string } }>).detail;
    const target = typeof ctx.target === "string" ? this.ownerDocument.querySelector(ctx.target) : ctx.target;
    if (target !== this) return;
    this.#moving = undefined;
    this.ownerDocument.body.dispatchEvent(new CustomEvent("calendar-drawn"));
    if (this.#turned) this.querySelector<HTMLElement>('[data-day][tabindex="0"]')?.focus();
    this.#turned = false;
  }

  #key(event: KeyboardEvent) {
    const page = this.ownerDocument;
    if (page.querySelector("dialog[open]") || !isShortcut(event)) return;
    const focused = page.activeElement as HTMLElement | null;
    const inside = focused && this.contains(focused);
    if (!inside && focused && focused !== page.body && focused.id !== "main") return;
    if (this.#moving ? this.#moveKey(event) : this.#walkKey(event, inside ? focused : null)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }

  #walkKey(event: KeyboardEvent, focused: HTMLElement | null): boolean {
    if (isInMenu(focused)) return false;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (step) return this.#walk(step, focused);
    if (event.key === "PageUp") return this.#turn("before");
    if (event.key === "PageDown") return this.#turn("after");
    const digit = /^Digit([1-5])$/.exec(event.code);
    if (digit && !event.shiftKey) return press(this.querySelector(`[data-view-key="${digit[1]}"]`));
    const letter = letterOf(event);
    if (letter === "t") return this.#turn("today");
    if (letter === "c") return press(this.#chosen(focused) ?? this.ownerDocument.querySelector("#calendar-new"));
    if (letter === "m") return this.#take(focused);
    return false;
  }

  /** Goes some days on; beyond the last day that is shown the page is turned. */
  #walk(step: number, focused: HTMLElement | null): boolean {
    const days = [...this.querySelectorAll<HTMLElement>("[data-day]")];
    const at = days.findIndex((day) => day === focused || day.closest("[data-date]")?.contains(focused));
    if (at < 0) {
      const first = days.find((day) => day.tabIndex === 0) ?? days[0];
      first?.focus();
      return Boolean(first);
    }
    const next = days[at + step];
    if (!next) return this.#turn(step < 0 ? "before" : "after");
    for (const day of days) day.tabIndex = day === next ? 0 : -1;
    next.focus();
    return true;
  }

  #turn(where: string): boolean {
    this.#turned = press(this.querySelector(`[data-step="${where}"]`));
    return this.#turned;
  }

  #chosen(focused: HTMLElement | null): HTMLElement | null {
    const day = focused?.closest("[data-date]")?.querySelector<HTMLElement>("[data-day]");
    return day ?? (focused?.matches("[data-day]") ? focused : null);
  }

  #take(focused: HTMLElement | null): boolean {
    const tile = focused?.closest<HTMLElement>("[data-tile]") ?? focused?.closest("[data-date]")?.querySelector<HTMLElement>("[data-tile]");
    if (!tile) return false;
    this.#moving = { tile, to: tile.closest<HTMLElement>("[data-date]")?.dataset.date ?? tile.dataset.first! };
    tile.classList.add("is-moving");
    tile.focus();
    this.#mark(this.#moving.to);
    this.#say((this.dataset.saysMove ?? "").replace("%(name)s", tile.dataset.name ?? ""));
    return true;
  }

  #moveKey(event: KeyboardEvent): boolean {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (step) {
      const to = later(this.#moving!.to, step);
      if (!this.querySelector(`[data-date="${to}"]`)) return true;
      this.#moving!.to = to;
      this.#mark(to);
      this.#say(this.querySelector<HTMLElement>(`[data-day="${to}"]`)?.getAttribute("aria-label") ?? to);
      return true;
    }
    if (event.key === "Enter") {
      const { tile, to } = this.#moving!;
      this.#leave();
      this.#put(tile, tile.closest<HTMLElement>("[data-date]")?.dataset.date ?? "", to);
      return true;
    }
    if (event.key === "Escape" || event.key === "Tab") {
      this.#leave();
      this.#say(this.dataset.saysLeft ?? "");
      return event.key === "Escape";
    }
    return false;
  }

  #press(event: PointerEvent) {
    this.#dragged = false;
    const tile = (event.target as Element).closest<HTMLElement>("[data-tile]");
    // Fingers scroll; for them a day's drawer has the same move as a form.
    if (!tile || event.button !== 0 || event.pointerType === "touch") return;
    const page = this.ownerDocument;
    const dayAt = (x: number, y: number) => page.elementsFromPoint(x, y).map((one) => one.closest<HTMLElement>("[data-date]")).find(Boolean)?.dataset.date;
    const from = dayAt(event.clientX, event.clientY) ?? "";
    const gone = new AbortController();
    const { signal } = gone;
    const end = () => {
      gone.abort();
      this.#leave();
      tile.classList.remove("is-moving");
      // The click that follows the drop is none.
      setTimeout(() => (this.#dragged = false));
    };
    page.addEventListener(
      "pointermove",
      (move) => {
        if (!this.#dragged && Math.hypot(move.clientX - event.clientX, move.clientY - event.clientY) < 6) return;
        this.#dragged = true;
        tile.classList.add("is-moving");
        this.#mark(dayAt(move.clientX, move.clientY) ?? "");
      },
      { signal },
    );
    page.addEventListener(
      "pointerup",
      (up) => {
        const to = dayAt(up.clientX, up.clientY);
        if (this.#dragged && to) this.#put(tile, from, to);
        end();
      },
      { signal },
    );
    page.addEventListener("pointercancel", end, { signal });
    page.addEventListener(
      "keydown",
      (key) => {
        if (key.key === "Escape" && this.#dragged) end();
      },
      { signal },
    );
  }

  /** Asks the server to move a tile that was taken up on one day and put down on another. */
  #put(tile: HTMLElement, from: string, to: string) {
    const shift = days(to) - days(from || (tile.dataset.first ?? to));
    const form = this.querySelector<HTMLFormElement>("#calendar-move");
    if (!shift || !form) return;
    form.querySelector<HTMLInputElement>('[name="tile"]')!.value = tile.dataset.tile!;
    form.querySelector<HTMLInputElement>('[name="to"]')!.value = later(tile.dataset.first!, shift);
    form.requestSubmit();
  }

  #leave() {
    this.#moving?.tile.classList.remove("is-moving");
    this.#moving = undefined;
    this.#mark("");
  }

  #mark(day: string) {
    for (const place of this.querySelectorAll<HTMLElement>("[data-date]")) place.classList.toggle("is-target", place.dataset.date === day);
  }

  #say(text: string) {
    const place = this.querySelector("[data-says]");
    if (place) place.textContent = text;
  }
}

function isInMenu(focused: HTMLElement | null): boolean {
  return Boolean(focused?.closest("[popover]"));
}

function press(link: HTMLElement | null): boolean {
  link?.click();
  return Boolean(link);
}

/** Days since 1970; a date has no time zone here. */
export function days(iso: string): number {
  return Date.parse(`${iso}T00:00:00Z`) / 86_400_000;
}

export function later(iso: string, by: number): string {
  return new Date((days(iso) + by) * 86_400_000).toISOString().slice(0, 10);
}

customElements.define("m-calendar", Calendar);
