/**
 * `data-opens="id"` opens a dialog, `data-closes` closes the one around it. What htmx puts into
 * #dialog or #drawer is shown at once; the server closes it with `HX-Trigger: close-dialog`.
 */
export function openDialogs(page: Document): void {
  page.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    if (opener) {
      opener.closest<HTMLElement>("[popover]")?.hidePopover();
      open(page.getElementById(opener.dataset.opens ?? ""));
    }
    if (target.closest("[data-closes]")) target.closest("dialog")?.close();
    // Where `closedby` is not known yet, a click on the backdrop closes.
    if (target instanceof HTMLDialogElement && !("closedBy" in target)) (target as HTMLDialogElement).close();
  });
  page.addEventListener("htmx:after:swap", (event) => {
    const { ctx } = (event as CustomEvent<{ ctx: { target?: Element | string } }>).detail;
    const target = typeof ctx.target === "string" ? page.querySelector(ctx.target) : ctx.target;
    if (target?.matches("#dialog, #drawer")) open(target);
  });
  // An address may end with the dialog that is meant, or with the field of a form.
  openMeant(page);
  page.defaultView?.addEventListener("hashchange", () => openMeant(page));
  page.addEventListener("close-dialog", () => {
    for (const dialog of page.querySelectorAll<HTMLDialogElement>("dialog[open]")) dialog.close();
  });
}

function openMeant(page: Document): void {
  const meant = page.getElementById(page.location?.hash.slice(1) ?? "");
  const isDialog = meant instanceof HTMLDialogElement && !meant.matches("#dialog, #drawer, #palette");
  const isField = meant?.matches("input, textarea, select");
  // On the page that is open already, it was chosen in the palette.
  if (isDialog || isField) page.querySelector<HTMLDialogElement>("#palette[open]")?.close();
  if (isDialog) open(meant);
  else if (isField) meant?.focus();
}

function open(dialog: Element | null): void {
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  const title = dialog.querySelector("h1, h2");
  if (title && !dialog.hasAttribute("aria-label") && !dialog.hasAttribute("aria-labelledby")) {
    title.id ||= `${dialog.id}-title`;
    dialog.setAttribute("aria-labelledby", title.id);
  }
  dialog.showModal();
  // The way out stands first in it, but people come to fill something in.
  const field = dialog.matches(".dialog") && !dialog.querySelector("[autofocus]") ? firstField(dialog) : undefined;
  if (!field) return;
  field.focus();
  // The browser gives the focus to what the address ends with, once the page is there.
  dialog.addEventListener("focusin", (event) => event.target === dialog && field.focus(), { once: true });
}

/** The first field of a form to write in or choose from. */
function firstField(dialog: HTMLElement): HTMLElement | undefined {
  const fields = dialog.querySelectorAll<HTMLElement>(
    'form :is(input:not([type="hidden"], [type="checkbox"], [type="radio"], [type="file"]), textarea, select):not([disabled], [readonly])',
  );
  return [...fields].find((field) => !field.closest("[hidden]"));
}
