interface Context {
  sourceElement?: Element;
  target?: Element | string;
  hx?: Record<string, string>;
  response?: { status: number };
}

/**
 * A "no" is shown where the person is looking: above the page, or inside the dialog that asked.
 * The server aims at #messages; a dialog lies above it, so there the dialog gets its own place.
 */
export function retargetRefusals(page: Document): void {
  page.addEventListener("htmx:after:request", (event) => {
    const { ctx } = (event as CustomEvent<{ ctx: Context }>).detail;
    const dialog = ctx.sourceElement?.closest<HTMLDialogElement>("dialog[open]");
    if (ctx.hx?.retarget !== "#messages" || !dialog) return;
    ctx.hx.retarget = `#${placeIn(dialog)}`;
  });
  page.addEventListener("htmx:after:swap", () => {
    page.querySelector("#messages > :first-child, .dialog-messages > :first-child")?.scrollIntoView({ block: "nearest" });
  });
  page.addEventListener("click", (event) => (event.target as Element).closest("[data-clears]")?.closest(".notice")?.remove());
  page.addEventListener("htmx:error", (event) => {
    const { ctx } = (event as CustomEvent<{ ctx?: Context }>).detail;
    if (!ctx || ctx.response) return;
    const lost = page.querySelector<HTMLTemplateElement>("#lost-template");
    if (lost) page.querySelector("#messages")?.replaceChildren(lost.content.cloneNode(true));
  });
}

function placeIn(dialog: HTMLElement): string {
  let place = dialog.querySelector<HTMLElement>(".dialog-messages");
  if (!place) {
    place = dialog.ownerDocument.createElement("div");
    place.className = "dialog-messages body";
    place.id = `${dialog.id || "dialog"}-messages`;
    dialog.prepend(place);
  }
  return place.id;
}
