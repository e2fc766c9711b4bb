/** After a form came back with errors, the summary of them has the focus. */
export function announceFocus(page: Document): void {
  const focus = () => page.querySelector<HTMLElement>("[data-focus]:not([data-focused])");
  const move = () => {
    const target = focus();
    if (!target) return;
    target.dataset.focused = "";
    target.focus();
  };
  move();
  page.addEventListener("htmx:after:settle", move);
}
