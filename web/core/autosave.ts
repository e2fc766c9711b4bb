const PAUSE = 600;

/**
 * A form with `data-autosave` saves itself 600 ms after the last change: it fires `autosave`, on
 * which its own hx-post answers. The element `.saved` in it says how it stands.
 */
export function fillSavedForms(page: Document): void {
  const timers = new WeakMap<HTMLFormElement, number>();
  const changed = (event: Event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-autosave]");
    if (!form || (event as InputEvent).isComposing) return;
    window.clearTimeout(timers.get(form));
    timers.set(form, window.setTimeout(() => form.dispatchEvent(new CustomEvent("autosave")), PAUSE));
  };
  page.addEventListener("input", changed);
  page.addEventListener("change", changed);
  page.addEventListener("compositionend", changed);
  page.addEventListener("htmx:before:request", (event) => say(sourceForm(event), "saving"));
  page.addEventListener("htmx:after:request", (event) => {
    const status = (event as CustomEvent<{ ctx: { response?: { status: number } } }>).detail.ctx.response?.status ?? 0;
    say(sourceForm(event), status >= 200 && status < 300 ? "saved" : "failed");
  });
  page.addEventListener("htmx:error", (event) => say(sourceForm(event), "failed"));
}

function sourceForm(event: Event): HTMLFormElement | null {
  const { ctx } = (event as CustomEvent<{ ctx?: { sourceElement?: Element } }>).detail;
  return ctx?.sourceElement?.closest<HTMLFormElement>("form[data-autosave]") ?? null;
}

/** The words are in the page, translated: `data-saving`, `data-saved`, `data-failed` of `.saved`. */
export function say(form: HTMLFormElement | null, state: "saving" | "saved" | "failed", now = new Date()): void {
  const note = form?.querySelector<HTMLElement>(".saved");
  if (!note) return;
  const time = `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
  note.dataset.state = state;
  note.textContent = (note.dataset[state] ?? "").replace("%(time)s", time);
}
