import { areOff, isShortcut, letterOf } from "./keys";

/**
 * The list of My work (`data-inbox`): J and K walk, X selects; a bar shows what is selected. Enter
 * opens the line that has the focus, as it does on every link.
 */
export function walkInbox(page: Document): void {
  page.addEventListener("keydown", (event) => {
    const inbox = page.querySelector<HTMLElement>("[data-inbox]");
    if (!inbox || !isShortcut(event) || areOff(page) || page.querySelector("dialog[open]")) return;
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
    const opened = inbox.querySelector<HTMLElement>("#pane")?.dataset.open;
    for (const item of inbox.querySelectorAll<HTMLElement>("[data-item]")) {
      const isOpen = item.querySelector<HTMLInputElement>("input")?.value === opened;
      item.querySelector("a")?.toggleAttribute("aria-current", isOpen);
      if (isOpen) item.querySelector("a")?.setAttribute("aria-current", "true");
    }
  });
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
