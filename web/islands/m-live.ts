/**
 * One stream of news for the whole tab: it asks for the topics of all `data-live` elements on the
 * page, and when one has news fires `live:refresh` on its elements, which then fetch themselves;
 * those with `data-live-every` at most once in so many seconds.
 * The stream rests while the tab is hidden. `#live` in the top bar says how it stands.
 *
 * @example
 *   <div data-live="job:job_7F3K" hx-get="/jobs/job_7F3K" hx-trigger="live:refresh">…</div>
 *   <m-live></m-live>
 */
export class Live extends HTMLElement {
  #source: EventSource | undefined;
  #topics = "";
  #begun = new Map<string, number>();
  #waiting = new Map<string, ReturnType<typeof setTimeout>>();
  #observer: MutationObserver | undefined;
  #onVisible = () => this.#follow();

  connectedCallback() {
    this.#observer = new MutationObserver(() => this.#follow());
    this.#observer.observe(this.ownerDocument.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-live"] });
    this.ownerDocument.addEventListener("visibilitychange", this.#onVisible);
    this.#follow();
  }

  disconnectedCallback() {
    this.#observer?.disconnect();
    this.ownerDocument.removeEventListener("visibilitychange", this.#onVisible);
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#close();
  }

  #follow() {
    const page = this.ownerDocument;
    if (page.hidden) {
      this.#close();
      return;
    }
    const wanted = topics(page);
    if (wanted.join() === this.#topics && (this.#source || !wanted.length)) return;
    this.#close();
    this.#topics = wanted.join();
    if (!wanted.length) return this.#say("");
    const source = new EventSource(`/live?topics=${encodeURIComponent(this.#topics)}`);
    this.#source = source;
    source.onopen = () => {
      this.#say("live");
      // Whatever happened since the page was drawn, or while nobody listened, is fetched once.
      for (const topic of wanted) this.#news(topic);
    };
    source.onerror = () => {
      this.#say("reconnecting");
      if (source.readyState === EventSource.CLOSED) this.#close();
    };
    for (const topic of wanted) source.addEventListener(topic, () => this.#news(topic));
  }

  #news(topic: string) {
    if (this.#waiting.has(topic)) return;
    const rest = pause(this.ownerDocument, topic) - (Date.now() - (this.#begun.get(topic) ?? 0));
    if (rest > 0) this.#waiting.set(topic, setTimeout(() => this.#fetch(topic), rest));
    else this.#fetch(topic);
  }

  #fetch(topic: string) {
    this.#waiting.delete(topic);
    this.#begun.set(topic, Date.now());
    refresh(this.ownerDocument, topic);
  }

  #close() {
    this.#source?.close();
    this.#source = undefined;
    this.#topics = "";
  }

  #say(state: string) {
    const light = this.ownerDocument.querySelector<HTMLElement>("#live");
    if (!light) return;
    light.hidden = !state;
    light.dataset.state = state;
    for (const text of light.querySelectorAll<HTMLElement>("[data-state-text]")) text.hidden = text.dataset.stateText !== state;
  }
}

/** The topics that the page is about, each once, in order. */
export function topics(page: ParentNode): string[] {
  const found = [...page.querySelectorAll<HTMLElement>("[data-live]")].flatMap((element) => (element.dataset.live ?? "").split(/[ ,]+/));
  return [...new Set(found.filter(Boolean))].sort();
}

export function refresh(page: ParentNode, topic: string): void {
  for (const element of about(page, topic)) element.dispatchEvent(new CustomEvent("live:refresh"));
}

/** For how many milliseconds a topic rests between two refreshes. */
function pause(page: ParentNode, topic: string): number {
  return 1000 * Math.max(0, ...about(page, topic).map((element) => Number(element.dataset.liveEvery ?? 0)));
}

function about(page: ParentNode, topic: string): HTMLElement[] {
  return [...page.querySelectorAll<HTMLElement>("[data-live]")].filter((element) => (element.dataset.live ?? "").split(/[ ,]+/).includes(topic));
}

customElements.define("m-live", Live);
