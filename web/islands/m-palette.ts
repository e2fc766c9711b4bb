/**
 * The command palette: one field that goes to places and does things. The server answers with
 * options (links with role="option"); keys choose among them while the field keeps the focus.
 *
 * @example <m-palette data-src="/search"><dialog id="palette">…<input role="combobox">…</dialog></m-palette>
 */
export class Palette extends HTMLElement {
  #asked = 0;
  #timer = 0;
  #chosen = -1;
  #onKey = (event: KeyboardEvent) => {
    if (event.code === "KeyK" && (event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (this.#dialog?.open) this.#dialog.close();
      else this.#dialog?.showModal();
    }
  };

  #onInput = (event: Event) => {
    if (!(event as InputEvent).isComposing) this.#askSoon();
  };
  #onChoose = (event: KeyboardEvent) => this.#press(event);
  #onToggle = () => {
    if (!this.#dialog?.open) return;
    this.#field?.select();
    void this.#ask();
  };

  connectedCallback() {
    this.ownerDocument.addEventListener("keydown", this.#onKey);
    this.addEventListener("input", this.#onInput);
    this.addEventListener("compositionend", this.#onInput);
    this.addEventListener("keydown", this.#onChoose);
    this.addEventListener("toggle", this.#onToggle, true); // toggle does not bubble
  }

  disconnectedCallback() {
    this.ownerDocument.removeEventListener("keydown", this.#onKey);
    window.clearTimeout(this.#timer);
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #field() {
    return this.querySelector<HTMLInputElement>("input");
  }

  get #list() {
    return this.querySelector<HTMLElement>('[role="listbox"]');
  }

  #options(): HTMLElement[] {
    return [...(this.#list?.querySelectorAll<HTMLElement>('[role="option"]') ?? [])];
  }

  #askSoon() {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), 80);
  }

  async #ask() {
    const turn = ++this.#asked;
    const query = new URLSearchParams({ palette: "1", q: this.#field?.value ?? "", at: location.pathname });
    const answer = await fetch(`${this.dataset.src}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => undefined);
    if (!answer?.ok || turn !== this.#asked || !this.#list) return;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.#list.replaceChildren(...parsed.body.childNodes);
    const count = this.#list.querySelector<HTMLElement>("[data-count-text]")?.dataset.countText;
    const status = this.querySelector("[data-count]");
    if (status) status.textContent = count ?? "";
    window.htmx?.process(this.#list);
    this.#choose(0);
  }

  #press(event: KeyboardEvent) {
    if (event.isComposing) return;
    const options = this.#options();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.#choose(step(this.#chosen, event.key === "ArrowDown" ? 1 : -1, options.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = options[this.#chosen];
      if (option instanceof HTMLAnchorElement && (event.metaKey || event.ctrlKey)) window.open(option.href, "_blank", "noopener");
      else option?.click();
    }
  }

  #choose(at: number) {
    const options = this.#options();
    this.#chosen = options.length ? at : -1;
    options.forEach((option, i) => {
      option.id ||= `palette-option-${i}`;
      option.setAttribute("aria-selected", String(i === at));
      option.tabIndex = -1;
    });
    const current = options[at];
    current?.scrollIntoView?.({ block: "nearest" });
    if (current) this.#field?.setAttribute("aria-activedescendant", current.id);
    else this.#field?.removeAttribute("aria-activedescendant");
  }
}

export function step(at: number, by: number, count: number): number {
  return count ? (at + by + count) % count : -1;
}

customElements.define("m-palette", Palette);
