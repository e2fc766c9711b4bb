import { describe, expect, it } from "vitest";
import { begun, completed } from "./m-mention";

describe("typing a name", () => {
  it("begins at an @ that does not belong to a word", () => {
    expect(begun("请看 @li", 6)).toBe("li");
    expect(begun("@", 1)).toBe("");
    expect(begun("请看@李", 4)).toBe("李");
    expect(begun("li@na", 5)).toBeUndefined();
    expect(begun("@李娜 已经", 6)).toBeUndefined();
  });
  it("puts the whole name in its place", () => {
    expect(completed("看 @li 吧", 5, "李娜")).toEqual(["看 @李娜  吧", 6]);
  });
});
