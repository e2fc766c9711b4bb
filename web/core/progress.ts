/**
 * A thin bar while something is asked for; quick answers never show it (the sheet waits 150 ms), and
 * neither does what a live page fetches by itself.
 */
export function showProgress(page: Document): void {
  let waiting = 0;
  const update = (by: number) => {
    waiting = Math.max(0, waiting + by);
    page.documentElement.toggleAttribute("data-busy", waiting > 0);
  };
  const isAsked = (event: Event) => (event as CustomEvent).detail?.ctx?.sourceEvent?.type !== "live:refresh";
  page.addEventListener("htmx:before:request", (event) => isAsked(event) && update(1));
  page.addEventListener("htmx:finally:request", (event) => isAsked(event) && update(-1));
}
