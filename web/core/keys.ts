const OFF = "muster.shortcuts";
let wentG = 0;

/**
 * G then a letter goes to a place, ? lists the keys, and `data-key="e"` presses a button.
 * Inside of `data-keys` its own keys come first, so that 1 to 5 are the letters of a goal there and tabs elsewhere.
 * Keys are told by their place on the keyboard, so a Chinese input method does not swallow them;
 * they sleep while someone writes or composes, and can be switched off.
 */
export function listenToKeys(page: Document): void {
  // The letter after G is a place, also where it means something else to the calendar or the matrix.
  page.defaultView?.addEventListener(
    "keydown",
    (event) => {
      if (Date.now() - wentG >= 1500 || !isShortcut(event)) return;
      wentG = 0;
      event.preventDefault();
      event.stopImmediatePropagation();
      page.querySelector<HTMLAnchorElement>(`a[data-go="${letterOf(event)}"]`)?.click();
    },
    true,
  );
  page.addEventListener("keydown", (event) => {
    // What a part of the page has answered already is not answered a second time: one press, one undo.
    if (event.defaultPrevented) return;
    if (isUndo(event)) {
      const undo = [...page.querySelectorAll<HTMLElement>("#toasts [data-undo]:not([hidden])")].at(-1);
      if (undo) event.preventDefault();
      undo?.click();
      return;
    }
    if (!isShortcut(event) || areOff(page)) return;
    const letter = letterOf(event);
    if (letter === "g") wentG = Date.now();
    else if (event.key === "?") page.querySelector<HTMLElement>('[data-opens="shortcuts"]')?.click();
    else {
      const key = letter || digitOf(event);
      const near = (event.target as HTMLElement).closest?.("[data-keys]") ?? null;
      const dialog = page.querySelector("dialog[open]");
      const scopes: ParentNode[] = dialog ? [dialog] : near ? [near, page] : [page];
      // The last of several counts: Z takes back the latest change.
      const button = key
        ? scopes.map((scope) => [...scope.querySelectorAll<HTMLElement>(`[data-key="${key}"]:not([disabled])`)].at(key === "z" ? -1 : 0)).find(Boolean)
        : null;
      if (button) {
        event.preventDefault();
        button.click();
      }
    }
  });
  page.getElementById("shortcuts")?.addEventListener("toggle", (event) => {
    if ((event.target as HTMLDialogElement).open) listKeysHere(page);
  });
  const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
  if (isMac) for (const key of page.querySelectorAll<HTMLElement>("kbd[data-mod]")) key.textContent = `⌘${key.dataset.mod}`;
  const box = page.querySelector<HTMLInputElement>("[data-shortcuts-switch]");
  if (box) {
    box.checked = !areOff(page);
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "on" : "off"));
  }
}

/** Off by what was chosen on this device, or else in the person's profile. */
export function areOff(page: Document): boolean {
  return (localStorage.getItem(OFF) ?? page.documentElement.dataset.shortcuts) === "off";
}

/** The help says which keys press something on the page as it is now. */
export function listKeysHere(page: Document): void {
  const section = page.querySelector<HTMLElement>("[data-keys-here]");
  const list = section?.querySelector("dl");
  if (!section || !list) return;
  const known = new Map<string, string>();
  for (const one of page.querySelectorAll<HTMLElement>("[data-key]:not([disabled])")) {
    const key = one.dataset.key ?? "";
    const closed = one.closest("dialog:not([open]), [hidden], template");
    if (key && !closed && !known.has(key)) known.set(key, nameOf(one));
  }
  list.replaceChildren(
    ...[...known].sort().flatMap(([key, name]) => {
      const what = page.createElement("dt");
      const which = page.createElement("dd");
      const cap = page.createElement("kbd");
      what.textContent = name;
      cap.className = "kbd";
      cap.textContent = key.toUpperCase();
      which.append(cap);
      return [what, which];
    }),
  );
  section.hidden = !known.size;
}

/** What a button does, in its own words and without the key that stands on it. */
function nameOf(button: HTMLElement): string {
  const copy = button.cloneNode(true) as HTMLElement;
  for (const key of copy.querySelectorAll("kbd, svg")) key.remove();
  const words = copy.textContent?.replace(/\s+/g, " ").trim();
  return button.getAttribute("aria-label") || words || button.title;
}

/** Whether a key press is meant as a shortcut and not as writing. */
export function isShortcut(event: KeyboardEvent): boolean {
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.target as HTMLElement;
  return !target.closest?.('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable=""], [contenteditable="true"], [role="listbox"]');
}

/** Whether the keys mean "take it back" and not "take back what I wrote here". */
export function isUndo(event: KeyboardEvent): boolean {
  if (letterOf(event) !== "z" || event.shiftKey || event.altKey || !(event.metaKey || event.ctrlKey)) return false;
  return !(event.target as HTMLElement).closest?.("input, textarea, select, [contenteditable]");
}

/** The Latin letter at the pressed place: "e" for KeyE, whatever the input method makes of it. */
export function letterOf(event: KeyboardEvent): string {
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
}

/** The digit at the pressed place: "1" for Digit1 and Numpad1. */
export function digitOf(event: KeyboardEvent): string {
  return /^(Digit|Numpad)[0-9]$/.test(event.code) && !event.shiftKey ? event.code.slice(-1) : "";
}
