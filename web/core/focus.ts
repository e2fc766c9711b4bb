const KEPT = "muster.focus";

/**
 * The focus is never lost. After a form came back with errors, the summary of them has it; what was
 * exchanged under it gets it back; when a dialog closes, it returns to what opened the dialog, even
 * if the page behind was drawn anew meanwhile; and a change taken back leaves it where it was.
 */
export function keepFocus(page: Document): void {
  let last: Trail | undefined;
  const openers = new WeakMap<Element, Trail | undefined>();

  page.addEventListener("focusin", (event) => {
    const target = event.target as Element;
    if (target.closest("#toasts")) return;
    const dialog = target.closest("dialog");
    if (dialog?.open && last && !dialog.contains(last.element ?? null) && !openers.has(dialog)) openers.set(dialog, last);
    last = trail(target);
  });
  // What comes anew has the focus only if nothing else was given it.
  const restore = (to: Trail | undefined) => {
    if (isLost(page)) give(find(page, to));
  };
  const announce = () => {
    const summary = page.querySelector<HTMLElement>("[data-focus]:not([data-focused])");
    if (summary) {
      summary.dataset.focused = "";
      summary.focus();
    } else if (last && !last.element?.isConnected) restore(last);
  };
  const kept = taken();
  if (kept) give(find(page, kept), {});
  announce();
  // Before the toast, and the button in it, is taken away.
  page.addEventListener(
    "click",
    (event) => {
      const button = (event.target as Element).closest<HTMLElement>("#toasts button");
      if (!button) return;
      // Taking back shows the page anew.
      if (last && button.dataset.undo) sessionStorage.setItem(KEPT, JSON.stringify({ ...last, element: undefined, page: location.href }));
      setTimeout(() => restore(last));
    },
    true,
  );
  page.addEventListener("htmx:after:settle", announce);
  page.addEventListener("htmx:after:swap", announce);
  // `close` does not bubble.
  page.addEventListener(
    "close",
    (event) => {
      const dialog = event.target as Element;
      const opener = openers.get(dialog);
      openers.delete(dialog);
      restore(opener);
    },
    true,
  );
}

/** Where the focus was, told in a way that outlives the element. */
interface Trail {
  element?: Element;
  id: string;
  /** The names of what is around it, the nearest first. */
  around: string[];
  likeness: string;
  at: number;
}

const GRID_CELL = "td[aria-label]";
const FOCUSABLE = `a[href], button:not([disabled]), input:not([disabled], [type="hidden"]), select:not([disabled]), textarea:not([disabled]), [tabindex], ${GRID_CELL}`;

export function trail(element: Element): Trail {
  const around: string[] = [];
  for (let one = element.parentElement; one; one = one.parentElement) if (one.id) around.push(one.id);
  const home = around[0] ? element.ownerDocument.getElementById(around[0]) : null;
  return { element, id: element.id, around, likeness: likeness(element), at: home ? within(home).indexOf(element as HTMLElement) : 0 };
}

/** The same thing in the new page; else what stands in its place; else the page itself. */
export function find(page: Document, to: Trail | undefined): HTMLElement | null {
  if (!to) return null;
  if (to.element?.isConnected && isShown(to.element)) return to.element as HTMLElement;
  const same = to.id ? page.getElementById(to.id) : null;
  if (same && isShown(same)) return same;
  for (const [step, id] of to.around.entries()) {
    const home = page.getElementById(id);
    if (!home || !isShown(home)) continue;
    const inside = within(home);
    const like = inside.find((one) => likeness(one) === to.likeness);
    const beside = step === 0 ? inside[Math.min(Math.max(to.at, 0), inside.length - 1)] : undefined;
    const found = like ?? beside ?? (home.matches(FOCUSABLE) ? home : inside[0]);
    if (found) return found;
  }
  return page.querySelector<HTMLElement>("main");
}

/** Of a grid only one cell can be reached by Tab; the others take the focus when they are given it. */
function give(element: HTMLElement | null, how: FocusOptions = { preventScroll: true }): void {
  if (element?.matches(GRID_CELL) && !element.hasAttribute("tabindex")) element.tabIndex = -1;
  element?.focus(how);
}

/** Where the focus was on this same page before a change was taken back. */
function taken(): Trail | undefined {
  const text = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (!text) return undefined;
  const kept = JSON.parse(text) as Trail & { page: string };
  return kept.page === location.href ? kept : undefined;
}

function likeness(element: Element): string {
  for (const name of ["data-task", "data-tile", "data-cell"]) {
    const is = element.getAttribute(name);
    if (is) return `${name}=${is}`;
  }
  // What a cell of a grid holds stands behind its name.
  const name = element.getAttribute("aria-label");
  if (name && element.matches(GRID_CELL)) return `cell=${name.slice(0, name.lastIndexOf(": "))}`;
  const names = ["name", "href", "value", "aria-label", "hx-get", "hx-post"];
  return [element.tagName, ...names.map((name) => element.getAttribute(name) ?? ""), (element.textContent ?? "").trim().slice(0, 60)].join("|");
}

function within(home: Element): HTMLElement[] {
  return [...home.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(isShown);
}

function isShown(element: Element): boolean {
  return element.checkVisibility?.() ?? true;
}

function isLost(page: Document): boolean {
  const active = page.activeElement;
  return !active || active === page.body || active === page.documentElement;
}
