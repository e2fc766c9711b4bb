import { describe, expect, it } from "vitest";
import { dayAt, offsetOf, shifted } from "./gantt-days";

describe("days of the chart", () => {
  it("go over months and back", () => {
    expect(dayAt("2026-11-28", 5)).toBe("2026-12-03");
    expect(offsetOf("2026-11-28", "2026-12-03")).toBe(5);
  });

  it("skip what is not worked", () => {
    // Monday 2 to Sunday 15 November, both weekends off.
    const off = "00000110000011";
    expect(shifted(off, 4, 1)).toBe(7);
    expect(shifted(off, 7, -1)).toBe(4);
    expect(shifted(off, 0, 6)).toBe(8);
    expect(shifted(off, 3, 0)).toBe(3);
  });
});
