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
    if (isUndo(event)) {
      const undo = [...page.querySelectorAll<HTMLElement>("#toasts [data-undo]:not([hidden])")].at(-1);
      if (undo) event.preventDefault();
      undo?.click();
      return;
    }
    if (!isShortcut(event) || localStorage.getItem(OFF) === "off") return;
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
  const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
  if (isMac) for (const key of page.querySelectorAll<HTMLElement>("kbd[data-mod]")) key.textContent = `⌘${key.dataset.mod}`;
  const box = page.querySelector<HTMLInputElement>("[data-shortcuts-switch]");
  if (box) {
    box.checked = localStorage.getItem(OFF) !== "off";
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "on" : "off"));
  }
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
