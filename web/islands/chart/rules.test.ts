import { describe, expect, it } from "vitest";
import { type ChartOptions, engineOptions, type Inks, shortIn } from "./rules";

const inks: Inks = { actual: "cyan", plan: "grey", grid: "g", divider: "d", text: "t", faint: "f", surface: "s", series: ["a", "b"], font: "x" };
const line: ChartOptions = {
  kind: "line",
  categories: ["11-04", "11-05"],
  unit: "orders",
  fromZero: true,
  series: [
    { type: "line", name: "Actual", data: [1, null], role: "actual" },
    { type: "line", name: "Plan", data: [1, 2], role: "plan" },
  ],
};
type Drawn = { series: Record<string, any>[]; xAxis: any; yAxis: any; legend: any; animation: boolean; tooltip: any };

describe("a chart of lines", () => {
  const drawn = engineOptions(line, inks, 600, "en") as Drawn;

  it("draws the actual line in the accent and the plan as grey dashes", () => {
    expect(drawn.series[0]).toMatchObject({ color: "cyan", lineStyle: { width: 2, type: "solid" } });
    expect(drawn.series[1]).toMatchObject({ color: "grey", lineStyle: { type: [4, 4] } });
  });

  it("begins at zero, has at most four grid lines and does not move", () => {
    expect(drawn.yAxis).toMatchObject({ scale: false, splitNumber: 4 });
    expect(drawn.animation).toBe(false);
  });

  it("says exact numbers with their unit, and a dash where nothing is known", () => {
    expect(drawn.tooltip.valueFormatter(12345.5)).toBe("12,345.5 orders");
    expect(drawn.tooltip.valueFormatter(null)).toBe("–");
  });

  it("writes the axis as the reader does", () => {
    const label = (language: string, value: number) => (engineOptions(line, inks, 600, language) as Drawn).yAxis.axisLabel.formatter(value);
    expect(label("en", 5000)).toBe("5,000");
    expect(label("zh-Hans", 20_000)).toBe("2万");
  });
});

describe("a forecast", () => {
  it("is the actual line, only paler", () => {
    const drawn = engineOptions({ ...line, series: [...line.series, { type: "line", name: "Forecast", data: [null, 3], role: "forecast" }] }, inks, 600, "en") as {
      series: { color: string; lineStyle: { type: unknown; opacity?: number } }[];
    };
    const [actual, forecast] = [drawn.series[0]!, drawn.series.at(-1)!];
    expect(forecast.color).toBe(actual.color);
    expect(forecast.lineStyle).toMatchObject({ type: "solid", opacity: 0.45 });
    expect(actual.lineStyle.opacity).toBeUndefined();
  });
});

describe("a chart of bars", () => {
  it("lies down when names are long", () => {
    const drawn = engineOptions(
      { ...line, kind: "bar", lying: true, series: [{ type: "bar", name: "Orders", data: [3, 4], role: "actual" }] },
      inks, 600, "en",
    ) as Drawn;
    expect(drawn.yAxis.data).toEqual(["11-04", "11-05"]);
    expect(drawn.xAxis.scale).toBe(false);
    expect(drawn.legend.show).toBe(false);
  });
});

describe("large numbers at an axis", () => {
  const label = (language: string, style: string) => (engineOptions(line, inks, 600, language, style) as Drawn).yAxis.axisLabel.formatter(1_284_000) as string;

  it("follow the language, unless the reader chose otherwise", () => {
    expect([label("en", ""), label("zh-Hans", "")]).toEqual(["1.3M", "128.4万"]);
    expect([label("en", "myriad"), label("zh-Hans", "thousand")]).toEqual(["128.4万", "1.3M"]);
    expect(shortIn("zh-Hant-TW", "myriad")).toBe("zh-Hant-TW");
  });
});
