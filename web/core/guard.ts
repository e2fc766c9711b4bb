/** A form with `data-guard` is not left by accident while something typed in it is not sent. */
export function guardForms(view: Window): void {
  const touched = new Set<HTMLFormElement>();
  const page = view.document;
  page.addEventListener("input", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-guard]");
    if (form) touched.add(form);
  });
  page.addEventListener("submit", (event) => touched.delete(event.target as HTMLFormElement));
  view.addEventListener("beforeunload", (event) => {
    if (mayLeave(touched)) return;
    event.preventDefault();
  });
}

export function mayLeave(touched: Iterable<HTMLFormElement>): boolean {
  return ![...touched].some((form) => form.isConnected);
}
