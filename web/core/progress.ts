/** A thin bar while something is asked for; quick answers never show it (the sheet waits 150 ms). */
export function showProgress(page: Document): void {
  let waiting = 0;
  const update = (by: number) => {
    waiting = Math.max(0, waiting + by);
    page.documentElement.toggleAttribute("data-busy", waiting > 0);
  };
  page.addEventListener("htmx:before:request", () => update(1));
  page.addEventListener("htmx:finally:request", () => update(-1));
}
