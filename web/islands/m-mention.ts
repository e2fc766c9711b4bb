/**
 * Offers colleagues while a name is typed after an @. The server answers with options
 * (role="option", `data-name`); arrows and Enter choose, Escape puts the list away.
 *
 * @example <m-mention data-src="/names"><textarea></textarea></m-mention>
 */
export class Mention extends HTMLElement {
  #list: HTMLElement | undefined;
  #asked = 0;
  #chosen = 0;

  connectedCallback() {
    this.addEventListener("input", () => void this.#ask());
    this.addEventListener("compositionend", () => void this.#ask());
    this.addEventListener("keydown", (event) => this.#press(event));
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget as Node)) this.#hide();
    });
    this.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[data-name]");
      if (option) this.#take(option);
    });
  }

  get #field() {
    return this.querySelector("textarea");
  }

  #options(): HTMLElement[] {
    return [...(this.#list?.querySelectorAll<HTMLElement>("[data-name]") ?? [])];
  }

  async #ask() {
    const field = this.#field;
    const typed = field ? begun(field.value, field.selectionStart) : undefined;
    const turn = ++this.#asked;
    if (!field || typed === undefined) return this.#hide();
    const answer = await fetch(`${this.dataset.src}?q=${encodeURIComponent(typed)}`, { headers: { "HX-Request": "true" } }).catch(() => undefined);
    if (!answer?.ok || turn !== this.#asked) return;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!parsed.querySelector("[data-name]")) return this.#hide();
    this.#list ??= this.#newList();
    this.#list.replaceChildren(...parsed.body.childNodes);
    this.#list.hidden = false;
    this.#choose(0);
  }

  #newList(): HTMLElement {
    const list = this.ownerDocument.createElement("div");
    list.className = "mention-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", this.#field?.getAttribute("aria-label") ?? "");
    this.append(list);
    return list;
  }

  #press(event: KeyboardEvent) {
    const options = this.#list && !this.#list.hidden ? this.#options() : [];
    if (!options.length || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.#choose((this.#chosen + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      const option = options[this.#chosen];
      if (option) this.#take(option);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.#hide();
    }
  }

  #choose(at: number) {
    this.#chosen = at;
    this.#options().forEach((option, i) => {
      option.tabIndex = -1;
      option.setAttribute("aria-selected", String(i === at));
    });
  }

  #take(option: HTMLElement) {
    const field = this.#field;
    if (!field) return;
    const [text, cursor] = completed(field.value, field.selectionStart, option.dataset.name ?? "");
    field.value = text;
    field.focus();
    field.setSelectionRange(cursor, cursor);
    this.#hide();
  }

  #hide() {
    this.#asked++;
    if (this.#list) this.#list.hidden = true;
  }
}

/** What was typed since the last @ before the cursor; undefined if no name is being typed. */
export function begun(text: string, cursor: number): string | undefined {
  return /(?:^|[^\w.+-])[@＠]([^\s@＠,，。.;；:：]{0,30})$/u.exec(text.slice(0, cursor))?.[1];
}

/** The text with the whole name in place of what was begun, and where the cursor then stands. */
export function completed(text: string, cursor: number, name: string): [string, number] {
  const typed = begun(text, cursor) ?? "";
  const before = `${text.slice(0, cursor - typed.length)}${name} `;
  return [before + text.slice(cursor), before.length];
}

customElements.define("m-mention", Mention);
