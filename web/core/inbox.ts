import { areOff, isShortcut, letterOf } from "./keys";

/** Done, back, delegate, nudge, later: what the pane offers for the line that it shows. */
const ACTS = new Set(["e", "r", "d", "n", "h"]);

/**
 * The list of My work (`data-inbox`): J and K walk, X selects; a bar shows what is selected. Enter
 * opens the line that has the focus, as it does on every link. The keys that do something do it to
 * what is selected, or else to the line that has the focus, and never to another one that is open.
 */
export function walkInbox(page: Document): void {
  let meant: { item: string; letter: string } | undefined;
  const here = (event: KeyboardEvent) => {
    const inbox = page.querySelector<HTMLElement>("[data-inbox]");
    return !inbox || !isShortcut(event) || areOff(page) || page.querySelector("dialog[open]") ? null : inbox;
  };
  // Before the keys of the pane, which is about the line that is open.
  page.addEventListener(
    "keydown",
    (event) => {
      meant = undefined;
      const inbox = here(event);
      const letter = letterOf(event);
      if (!inbox || !ACTS.has(letter)) return;
      const chosen = [...inbox.querySelectorAll<HTMLElement>("[data-item]")].filter((item) => boxOf(item)?.checked);
      const forAll = chosen.length ? inbox.querySelector<HTMLElement>(`[data-bulk-key="${letter}"]`) : null;
      const item = chosen[0] ?? page.activeElement?.closest<HTMLElement>("[data-item]");
      const key = item && boxOf(item)?.value;
      const isOpen = key === inbox.querySelector<HTMLElement>("#pane")?.dataset.open;
      if (!forAll && chosen.length < 2 && (!key || isOpen)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (forAll) forAll.click();
      else if (chosen.length < 2 && key) {
        item?.querySelector("a")?.click();
        meant = { item: key, letter };
      }
    },
    true,
  );
  page.addEventListener("click", () => (meant = undefined), true);
  page.addEventListener("keydown", (event) => {
    const inbox = here(event);
    if (!inbox) return;
    const letter = letterOf(event);
    const links = [...inbox.querySelectorAll<HTMLAnchorElement>("[data-item] > a")];
    const at = links.findIndex((link) => link === page.activeElement);
    if (letter === "j" || letter === "k") {
      event.preventDefault();
      const current = at < 0 ? links.findIndex((link) => link.hasAttribute("aria-current")) : at;
      links[beside(current, letter === "j" ? 1 : -1, links.length)]?.focus();
    } else if (letter === "x") {
      const item = (at < 0 ? inbox.querySelector("[data-item] > a[aria-current]") : links[at])?.closest("[data-item]");
      item?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
    }
  });
  page.addEventListener("change", (event) => {
    const inbox = (event.target as Element).closest<HTMLElement>("[data-inbox]");
    if (inbox) count(inbox);
  });
  page.addEventListener("htmx:after:swap", () => {
    const inbox = page.querySelector<HTMLElement>("[data-inbox]");
    if (!inbox) return;
    count(inbox);
    const pane = inbox.querySelector<HTMLElement>("#pane");
    const opened = pane?.dataset.open;
    for (const item of inbox.querySelectorAll<HTMLElement>("[data-item]")) {
      const isOpen = item.querySelector<HTMLInputElement>("input")?.value === opened;
      item.querySelector("a")?.toggleAttribute("aria-current", isOpen);
      if (isOpen) item.querySelector("a")?.setAttribute("aria-current", "true");
    }
    if (meant && meant.item === opened) pane?.querySelector<HTMLElement>(`[data-key="${meant.letter}"]`)?.click();
  });
}

function boxOf(item: HTMLElement): HTMLInputElement | null {
  return item.querySelector<HTMLInputElement>("input[type=checkbox]");
}

function count(inbox: HTMLElement): void {
  const chosen = inbox.querySelectorAll("[data-item] input:checked").length;
  const bar = inbox.querySelector<HTMLElement>("[data-bulk]");
  if (bar) bar.hidden = chosen === 0;
  const number = inbox.querySelector("[data-bulk-count]");
  if (number) number.textContent = String(chosen);
}

/** The place one further, staying inside the list. */
export function beside(at: number, by: number, count: number): number {
  return Math.max(0, Math.min(count - 1, at + by));
}
