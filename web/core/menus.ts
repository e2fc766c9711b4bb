const GAP = 4;

/** Places menus (popovers) beside their buttons and lets the arrow keys walk through them. */
export function openMenus(page: Document): void {
  page.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target as HTMLElement;
      if (!menu.matches?.(".menu[popover]")) return;
      const button = page.querySelector<HTMLElement>(`[popovertarget="${menu.id}"]`);
      const isOpen = (event as ToggleEvent).newState === "open";
      button?.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen || !button) return;
      place(menu, button.getBoundingClientRect());
      items(menu)[0]?.focus({ preventScroll: true });
    },
    true,
  );
  page.addEventListener("keydown", (event) => {
    const menu = (event.target as HTMLElement).closest<HTMLElement>(".menu:popover-open");
    if (!menu) return;
    const next = nextIndex(event.key, items(menu).indexOf(event.target as HTMLElement), items(menu).length);
    if (next === undefined) return;
    event.preventDefault();
    items(menu)[next]?.focus();
  });
}

function items(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("a, button, input:not([type=hidden])")];
}

export function nextIndex(key: string, at: number, count: number): number | undefined {
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (at - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return undefined;
}

function place(menu: HTMLElement, anchor: DOMRect): void {
  const { width, height } = menu.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const fitsBelow = anchor.bottom + GAP + height <= clientHeight;
  const start = Math.min(anchor.left, clientWidth - width - 8);
  const left = Math.max(8, anchor.right > clientWidth / 2 ? Math.min(start, anchor.right - width) : start);
  const top = Math.max(8, fitsBelow ? anchor.bottom + GAP : anchor.top - height - GAP);
  places.set(menu.id, `#${CSS.escape(menu.id)} { left: ${left}px; top: ${top}px; }`);
  // Not as a style of the element: a menu whose page part is drawn anew would lose it, and the
  // content policy forbids to write it back.
  sheet ??= adopted();
  sheet.replaceSync([...places.values()].join("\n"));
}

const places = new Map<string, string>();
let sheet: CSSStyleSheet | undefined;

function adopted(): CSSStyleSheet {
  const made = new CSSStyleSheet();
  document.adoptedStyleSheets.push(made);
  return made;
}
