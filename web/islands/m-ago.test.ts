import { describe, expect, it } from "vitest";
import { distance } from "./m-ago";

const MINUTE = 60_000;

describe("a distance in time", () => {
  it.each([
    [-3 * 60 * MINUTE, "en", "3 hours ago"],
    [-3 * 60 * MINUTE, "zh-Hans", "3小时前"],
    [2 * 24 * 60 * MINUTE, "en", "in 2 days"],
    [-20_000, "en", "20 seconds ago"],
    [-60 * 24 * 60 * MINUTE, "en", "2 months ago"],
  ])("%d ms in %s", (milliseconds, language, text) => {
    expect(distance(milliseconds, language)).toBe(text);
  });
});
