/**
 * `data-fills="id" data-text="…"` writes the text into a field as if it were typed, and a link to
 * a field puts the cursor into it.
 */
export function fillOnClick(page: Document): void {
  page.addEventListener("click", (event) => {
    const target = event.target as Element;
    const button = target.closest<HTMLElement>("[data-fills]");
    const link = target.closest<HTMLAnchorElement>('a[href^="#"]');
    const field = page.getElementById(button?.dataset.fills ?? link?.hash.slice(1) ?? "");
    if (!field?.matches("input, textarea, select")) return;
    if (button) {
      (field as HTMLTextAreaElement).value = button.dataset.text ?? "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    } else event.preventDefault();
    field.focus();
  });
}
