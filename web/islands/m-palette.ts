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
  #onUse = (event: Event) => {
    const option = (event.target as Element).closest<HTMLAnchorElement>('a[role="option"]');
    if (option && !option.dataset.recent) remember(option);
  };
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
    this.addEventListener("click", this.#onUse);
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
    this.#list.replaceChildren(...(this.#field?.value ? [] : this.#recent()), ...parsed.body.childNodes);
    const count = this.#list.querySelector<HTMLElement>("[data-count-text]")?.dataset.countText;
    const status = this.querySelector("[data-count]");
    if (status) status.textContent = count ?? "";
    window.htmx?.process(this.#list);
    this.#choose(0);
  }

  /** What was opened last in this tab, the latest first. */
  #recent(): HTMLElement[] {
    const kept = recent();
    if (!kept.length) return [];
    const head = this.ownerDocument.createElement("p");
    head.className = "palette-group";
    head.textContent = this.dataset.recent ?? "";
    const options = kept.map(({ title, href }) => {
      const option = this.ownerDocument.createElement("a");
      option.className = "option";
      option.setAttribute("role", "option");
      option.dataset.recent = "1";
      option.href = href;
      option.textContent = title;
      return option;
    });
    return [head, ...options];
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

const RECENT = "muster.recent";
const MOST = 5;
interface Used {
  title: string;
  href: string;
}

/** Kept for this tab only: names of people must not stay behind on a shared machine. */
export function recent(): Used[] {
  try {
    return JSON.parse(sessionStorage.getItem(RECENT) ?? "[]") as Used[];
  } catch {
    return [];
  }
}

export function remember(option: HTMLAnchorElement): void {
  const title = (option.querySelector(".grow") ?? option).textContent?.trim() ?? "";
  const href = option.getAttribute("href") ?? "";
  if (!title || !href.startsWith("/") || href.startsWith("/search")) return;
  const kept = [{ title, href }, ...recent().filter((one) => one.href !== href)].slice(0, MOST);
  sessionStorage.setItem(RECENT, JSON.stringify(kept));
}

export function step(at: number, by: number, count: number): number {
  return count ? (at + by + count) % count : -1;
}

customElements.define("m-palette", Palette);
