import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { type ChartOptions, engineOptions, type Inks } from "./rules";

use([LineChart, BarChart, GridComponent, TooltipComponent, LegendComponent, SVGRenderer]);

/** Draws into the element and follows its size and the theme; returns how to stop. */
export function draw(element: HTMLElement, chart: ChartOptions): () => void {
  const engine = init(element, null, { renderer: "svg" });
  const paint = () => engine.setOption(engineOptions(chart, inks(element), element.clientWidth, document.documentElement.lang, document.documentElement.dataset.numbers), true);
  const sized = new ResizeObserver(() => engine.resize());
  const dark = matchMedia("(prefers-color-scheme: dark)");
  paint();
  sized.observe(element);
  dark.addEventListener("change", paint);
  document.addEventListener("theme-changed", paint);
  return () => {
    sized.disconnect();
    dark.removeEventListener("change", paint);
    document.removeEventListener("theme-changed", paint);
    engine.dispose();
  };
}

/** The engine wants plain colours, so the tokens are read off a probe in the page. */
function inks(element: HTMLElement): Inks {
  const probe = document.createElement("span");
  element.append(probe);
  const ink = (token: string) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const found: Inks = {
    actual: ink("chart-actual"),
    plan: ink("chart-plan"),
    grid: ink("chart-grid"),
    divider: ink("divider"),
    text: ink("text"),
    faint: ink("faint"),
    surface: ink("raised"),
    series: [1, 2, 3, 4, 5, 6].map((number) => ink(`series-${number}`)),
    font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return found;
}
