export interface ToastNews {
  text: string;
  kind?: "good" | "bad";
  /** An address that takes the change back when posted to. */
  undo?: string;
}

const SECONDS = 10;

/**
 * Shows what was done, with Undo for ten seconds. The server says it with the header
 * `HX-Trigger: {"toast": {"text": …, "undo": …}}`, or puts toasts into the page.
 */
export function receiveToasts(page: Document): void {
  page.addEventListener("toast", (event) => showToast(page, (event as CustomEvent<ToastNews>).detail));
  page.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("#toasts button");
    if (!button) return;
    const toast = button.closest<HTMLElement>(".toast");
    if (button.dataset.undo) window.htmx.ajax("POST", button.dataset.undo, { swap: "none" });
    toast?.remove();
    hideWhenEmpty(page);
  });
  const region = page.querySelector<HTMLElement>("#toasts");
  if (region?.querySelector(".toast")) {
    reveal(region);
    for (const toast of region.querySelectorAll<HTMLElement>(".toast")) expire(page, toast);
  }
}

export function showToast(page: Document, news: ToastNews): HTMLElement | undefined {
  const region = page.querySelector<HTMLElement>("#toasts");
  const template = page.querySelector<HTMLTemplateElement>("#toast-template");
  const toast = template?.content.querySelector(".toast")?.cloneNode(true) as HTMLElement | undefined;
  if (!region || !toast) return undefined;
  toast.dataset.kind = news.kind ?? "good";
  toast.querySelector("p")!.textContent = news.text;
  const undo = toast.querySelector<HTMLElement>("[data-undo]");
  if (undo && news.undo) {
    undo.hidden = false;
    undo.dataset.undo = news.undo;
  } else undo?.remove();
  region.append(toast);
  reveal(region);
  expire(page, toast);
  return toast;
}

/** A toast stays while it is pointed at or holds the focus: nobody has to hurry. */
function expire(page: Document, toast: HTMLElement): void {
  const end = () => {
    if (toast.matches(":hover, :focus-within")) window.setTimeout(end, 2000);
    else {
      toast.remove();
      hideWhenEmpty(page);
    }
  };
  window.setTimeout(end, SECONDS * 1000);
}

function reveal(region: HTMLElement): void {
  // Shown again each time: the top layer then holds it above a dialog opened since.
  if (region.matches?.(":popover-open")) region.hidePopover();
  region.showPopover?.();
}

function hideWhenEmpty(page: Document): void {
  const region = page.querySelector<HTMLElement>("#toasts");
  if (region && !region.querySelector(".toast")) region.hidePopover?.();
}
