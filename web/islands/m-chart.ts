/**
 * Draws the options beside it (a script of type application/json) as lines or bars. The table of
 * the same numbers stays in the page. The engine is fetched only when a chart comes near the view.
 *
 * @example
 *   <m-chart><script type="application/json">{"kind": "line", …}</script><div class="chart-canvas"></div><details>…</details></m-chart>
 */
export class Chart extends HTMLElement {
  #stop: (() => void) | undefined;
  #near: IntersectionObserver | undefined;

  connectedCallback() {
    this.#near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.#near?.disconnect();
      void this.#draw();
    }, { rootMargin: "200px" });
    this.#near.observe(this);
  }

  disconnectedCallback() {
    this.#near?.disconnect();
    this.#stop?.();
    this.#stop = undefined;
  }

  async #draw() {
    const source = this.querySelector('script[type="application/json"]')?.textContent;
    const canvas = this.querySelector<HTMLElement>(".chart-canvas");
    if (!source || !canvas) return;
    const { draw } = await import("./chart/engine");
    if (this.isConnected) this.#stop = draw(canvas, JSON.parse(source));
  }
}

customElements.define("m-chart", Chart);
