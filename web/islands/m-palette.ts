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
  /** Whether the list is still that of other words than those in the field. */
  #isDue = false;
  /** Whether somebody has typed since it was opened, before it said that it is open. */
  #isTyped = false;
  /** Enter was pressed meanwhile: what it does as soon as the answer is there. */
  #onAnswer: (() => void) | undefined;
  /** The entry whose actions are shown; null while the results are. */
  #of: Entry | null = null;
  #onKey = (event: KeyboardEvent) => {
    if (event.code === "KeyK" && (event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (this.#dialog?.open) this.#dialog.close();
      else this.#dialog?.showModal();
    }
  };

  #onInput = (event: Event) => {
    this.#isTyped = true;
    if (!(event as InputEvent).isComposing) this.#askSoon();
  };
  #onChoose = (event: KeyboardEvent) => this.#press(event);
  #onUse = (event: Event) => {
    const target = event.target as Element;
    const option = target.closest<HTMLAnchorElement>('a[role="option"]');
    if (option?.dataset.opens) {
      // It is shown on this page, and takes the place of the palette.
      event.preventDefault();
      this.#dialog?.close();
    } else if (option && target.closest("[data-acts]")) {
      event.preventDefault();
      void this.#open(option);
    } else if (option && !this.#of && !option.dataset.recent) remember(option);
  };
  #onPins = () => void this.#ask();
  #onToggle = () => {
    this.#onAnswer = undefined;
    // Quick fingers are ahead of this event: their letters are not there to be typed over.
    const isTyped = this.#isTyped;
    this.#isTyped = false;
    if (!this.#dialog?.open) return;
    if (!isTyped) this.#field?.select();
    void this.#ask();
  };

  connectedCallback() {
    this.ownerDocument.addEventListener("keydown", this.#onKey);
    this.addEventListener("input", this.#onInput);
    this.addEventListener("compositionend", this.#onInput);
    this.addEventListener("keydown", this.#onChoose);
    this.addEventListener("click", this.#onUse);
    this.addEventListener("toggle", this.#onToggle, true); // toggle does not bubble
    this.ownerDocument.addEventListener("pins-changed", this.#onPins);
  }

  disconnectedCallback() {
    this.ownerDocument.removeEventListener("keydown", this.#onKey);
    this.ownerDocument.removeEventListener("pins-changed", this.#onPins);
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
    this.#isDue = true;
    this.#onAnswer = undefined;
    this.#timer = window.setTimeout(() => void this.#ask(), 80);
  }

  async #ask() {
    window.clearTimeout(this.#timer);
    this.#isDue = true;
    const words = this.#field?.value ?? "";
    const answer = this.#fetch(`${this.dataset.src}?${new URLSearchParams({ palette: "1", q: words, at: location.pathname })}`);
    const turn = this.#asked;
    const found = await answer;
    if (turn !== this.#asked) return;
    this.#isDue = false;
    const enter = this.#onAnswer;
    this.#onAnswer = undefined;
    if (!found || !this.#list) return;
    this.#of = null;
    this.#list.replaceChildren(...found);
    const pinned = [...this.#list.querySelectorAll<HTMLElement>("[data-pinned]")];
    if (!words) {
      const last = pinned.at(-1);
      if (last) last.after(...this.#recent(pinned));
      else this.#list.prepend(...this.#recent([]));
    }
    this.#show();
    enter?.();
  }

  /** The actions of one entry take the place of the results. */
  async #open(option: HTMLElement) {
    const href = option.getAttribute("href");
    if (!href || this.#of) return;
    window.clearTimeout(this.#timer);
    this.#isDue = false;
    const of = { href, title: titleOf(option) };
    const found = await this.#fetch(`${this.dataset.src}/actions?${new URLSearchParams({ url: of.href, title: of.title })}`);
    if (!found || !this.#list) return;
    this.#of = of;
    this.#list.replaceChildren(...found);
    this.#show();
    this.#field?.focus();
  }

  /** What the server answers; undefined when it does not, or when another question was asked since. */
  async #fetch(address: string): Promise<ChildNode[] | undefined> {
    const turn = ++this.#asked;
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => undefined);
    if (!answer?.ok || turn !== this.#asked) return undefined;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    return turn === this.#asked ? [...parsed.body.childNodes] : undefined;
  }

  #show() {
    if (!this.#list) return;
    const count = this.#list.querySelector<HTMLElement>("[data-count-text]")?.dataset.countText;
    const status = this.querySelector("[data-count]");
    if (status) status.textContent = count ?? "";
    window.htmx?.process(this.#list);
    this.#choose(0);
  }

  /** What was opened last in this tab, the latest first. */
  #recent(pinned: HTMLElement[]): HTMLElement[] {
    const above = new Set(pinned.map((one) => one.getAttribute("href")));
    const kept = recent().filter((one) => !above.has(one.href));
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
    // What follows is neither pinned nor recent.
    const end = this.ownerDocument.createElement("hr");
    end.setAttribute("role", "presentation");
    return [head, ...options, end];
  }

  #press(event: KeyboardEvent) {
    if (event.isComposing) return;
    const options = this.#options();
    const field = this.#field;
    const atEnd = !field || (field.selectionStart === field.value.length && field.selectionEnd === field.value.length);
    const option = options[this.#chosen];
    // What would be created, and answers, have nothing more to offer than themselves.
    const hasMore = Boolean(option?.dataset.recent || option?.querySelector("[data-acts]"));
    if (event.key === "ArrowRight" && !this.#of && !this.#isDue && atEnd && option && hasMore) {
      event.preventDefault();
      void this.#open(option);
    } else if (this.#of && (event.key === "ArrowLeft" || event.key === "Escape")) {
      event.preventDefault();
      void this.#ask();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.#choose(step(this.#chosen, event.key === "ArrowDown" ? 1 : -1, options.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const isApart = event.metaKey || event.ctrlKey;
      if (!this.#isDue) this.#use(isApart);
      else {
        // Whoever types fast means what they typed, and not what the list still shows.
        void this.#ask();
        this.#onAnswer = () => this.#use(isApart);
      }
    }
  }

  #use(isApart: boolean) {
    const option = this.#options()[this.#chosen];
    if (option instanceof HTMLAnchorElement && isApart) window.open(option.href, "_blank", "noopener");
    else option?.click();
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
interface Entry {
  title: string;
  href: string;
}

/** Kept for this tab only: names of people must not stay behind on a shared machine. */
export function recent(): Entry[] {
  try {
    return JSON.parse(sessionStorage.getItem(RECENT) ?? "[]") as Entry[];
  } catch {
    return [];
  }
}

export function remember(option: HTMLAnchorElement): void {
  const title = titleOf(option);
  const href = option.getAttribute("href") ?? "";
  if (!title || !href.startsWith("/") || href.startsWith("/search")) return;
  const kept = [{ title, href }, ...recent().filter((one) => one.href !== href)].slice(0, MOST);
  sessionStorage.setItem(RECENT, JSON.stringify(kept));
}

function titleOf(option: HTMLElement): string {
  return (option.querySelector(".grow") ?? option).textContent?.trim() ?? "";
}

export function step(at: number, by: number, count: number): number {
  return count ? (at + by + count) % count : -1;
}

customElements.define("m-palette", Palette);
