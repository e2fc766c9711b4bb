/**
 * A moment as "3 hours ago" that stays true while the page is open.
 *
 * @example <m-ago datetime="2026-11-08T06:05:00+00:00" title="8 Nov 2026, 14:05">3 hours ago</m-ago>
 */
export class Ago extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.#timer = window.setInterval(() => this.#show(), 30_000);
  }

  disconnectedCallback() {
    window.clearInterval(this.#timer);
  }

  #show() {
    const moment = Date.parse(this.getAttribute("datetime") ?? "");
    if (!Number.isNaN(moment)) this.textContent = distance(moment - Date.now(), this.ownerDocument.documentElement.lang);
  }
}

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, "second"], [60, "minute"], [24, "hour"], [7, "day"], [4.345, "week"], [12, "month"], [Infinity, "year"],
];

export function distance(milliseconds: number, language: string): string {
  let amount = milliseconds / 1000;
  for (const [size, unit] of STEPS) {
    if (Math.abs(amount) < size) return new Intl.RelativeTimeFormat(language).format(Math.round(amount), unit);
    amount /= size;
  }
  return "";
}

customElements.define("m-ago", Ago);
