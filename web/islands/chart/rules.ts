// What a chart of ours looks like: from our option objects and the page's tokens to the engine's options.

export interface Series {
  type: "line" | "bar";
  name: string;
  data: (number | null)[];
  role: "" | "actual" | "plan" | "forecast";
}

export interface ChartOptions {
  kind: "line" | "bar";
  categories: string[];
  series: Series[];
  unit: string;
  fromZero: boolean;
  lying?: boolean;
  stacked?: boolean;
}

/** Colours by the names of the tokens, as the page shows them now. */
export interface Inks {
  actual: string;
  plan: string;
  grid: string;
  divider: string;
  text: string;
  faint: string;
  surface: string;
  series: string[];
  font: string;
}

/** A forecast is the actual line, only paler. */
const PALE = 0.45;

/** Whose short numbers the reader chose: with 万 and 亿, or with K and M; else those of the language. */
export function shortIn(language: string, style: string): string {
  if (style === "thousand") return "en";
  return style === "myriad" && !language.startsWith("zh") ? "zh-Hans" : language;
}

export function engineOptions(chart: ChartOptions, inks: Inks, width: number, language: string, style = ""): Record<string, unknown> {
  const label = { color: inks.faint, fontSize: 12, fontFamily: inks.font };
  const amounts = new Intl.NumberFormat(shortIn(language, style), { notation: "compact", maximumFractionDigits: 1 });
  const exact = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const names = {
    type: "category",
    data: chart.categories,
    boundaryGap: chart.kind === "bar",
    axisLine: { lineStyle: { color: inks.divider } },
    axisTick: { show: false },
    axisLabel: { ...label, hideOverlap: true, ...(chart.lying ? { width: Math.min(160, width * 0.32), overflow: "truncate" } : {}) },
    ...(chart.lying ? { inverse: true } : {}),
  };
  const numbers = {
    type: "value",
    scale: !chart.fromZero,
    splitNumber: 4,
    axisLabel: { ...label, formatter: (value: number) => (Math.abs(value) < 10_000 ? exact : amounts).format(value) },
    splitLine: { lineStyle: { color: inks.grid } },
  };
  return {
    animation: false,
    textStyle: { fontFamily: inks.font },
    grid: { left: 4, right: 14, top: chart.series.length > 1 ? 30 : 12, bottom: 4, containLabel: true },
    legend: { show: chart.series.length > 1, left: 0, top: 0, itemWidth: 14, itemHeight: chart.kind === "line" ? 2 : 8, icon: "roundRect", textStyle: { ...label } },
    tooltip: {
      trigger: "axis",
      backgroundColor: inks.surface,
      borderColor: inks.divider,
      textStyle: { color: inks.text, fontSize: 13, fontFamily: inks.font },
      valueFormatter: (value: unknown) => (typeof value === "number" ? `${exact.format(value)}${chart.unit ? ` ${chart.unit}` : ""}` : "–"),
    },
    xAxis: chart.lying ? numbers : names,
    yAxis: chart.lying ? names : numbers,
    series: chart.series.map((series, at) => {
      const color = series.role === "plan" ? inks.plan : series.role === "actual" || series.role === "forecast" ? inks.actual : (inks.series[at % inks.series.length] ?? inks.actual);
      const own = { name: series.name, data: series.data, type: series.type, color };
      if (series.type === "bar") return { ...own, barMaxWidth: 28, ...(chart.stacked ? { stack: "all" } : {}), itemStyle: { borderRadius: 2 } };
      return {
        ...own,
        showSymbol: series.role === "actual" && series.data.filter((value) => value !== null).length === 1,
        symbolSize: 7,
        lineStyle: {
          width: series.role === "plan" ? 1.25 : 2,
          type: series.role === "plan" ? [4, 4] : "solid",
          ...(series.role === "forecast" ? { opacity: PALE } : {}),
        },
        itemStyle: series.role === "forecast" ? { opacity: PALE } : {},
      };
    }),
  };
}
