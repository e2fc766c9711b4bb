import { showToast } from "./toasts";

/** `data-copy="text"` puts the text on the clipboard; `data-says` is then said as a toast. */
export function copyOnClick(page: Document): void {
  page.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy], [data-says]");
    if (!button) return;
    const say = () => button.dataset.says && showToast(page, { text: button.dataset.says });
    if (button.dataset.copy === undefined) say();
    else void navigator.clipboard?.writeText(button.dataset.copy).then(say);
  });
}
