/**
 * One stream of news for the whole tab: it asks for the topics of all `data-live` elements on the
 * page, and when one has news fires `live:refresh` on its elements, which then fetch themselves.
 * The stream rests while the tab is hidden. `#live` in the top bar says how it stands.
 *
 * @example
 *   <div data-live="job:job_7F3K" hx-get="/jobs/job_7F3K" hx-trigger="live:refresh">…</div>
 *   <m-live></m-live>
 */
export class Live extends HTMLElement {
  #source: EventSource | undefined;
  #topics = "";
  #missed = false;
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
    this.#close();
  }

  #follow() {
    const page = this.ownerDocument;
    if (page.hidden) {
      this.#missed = this.#missed || Boolean(this.#source);
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
      // Whatever happened while nobody listened is fetched once.
      if (this.#missed) for (const topic of wanted) refresh(page, topic);
      this.#missed = false;
    };
    source.onerror = () => {
      this.#missed = true;
      this.#say("reconnecting");
      if (source.readyState === EventSource.CLOSED) this.#close();
    };
    for (const topic of wanted) source.addEventListener(topic, () => refresh(page, topic));
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
  for (const element of page.querySelectorAll<HTMLElement>("[data-live]"))
    if ((element.dataset.live ?? "").split(/[ ,]+/).includes(topic)) element.dispatchEvent(new CustomEvent("live:refresh"));
}

customElements.define("m-live", Live);
