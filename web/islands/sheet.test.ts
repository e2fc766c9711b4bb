import { describe, expect, it } from "vitest";
import { beginsTyping, filledDown, inside, parseTsv, pasted, places, range, shifted, step, toTsv } from "./sheet";

describe("text from Excel", () => {
  it.each([
    ["a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]],
    ['"two\nlines"\t"say ""hi"""', [["two\nlines", 'say "hi"']]],
    ["1,200", [["1,200"]]],
    ["抖音\t\t=12*800", [["抖音", "", "=12*800"]]],
    ['5" screen', [['5" screen']]],
  ])("%j", (text, rows) => expect(parseTsv(text)).toEqual(rows));

  it("comes back as it went", () => {
    const rows = [["a\tb", 'c"d'], ["", "多\n行"]];
    expect(parseTsv(toTsv(rows))).toEqual(rows);
  });
});

describe("keys", () => {
  it.each([
    ["ArrowDown", false, { row: 2, column: 1 }],
    ["ArrowUp", true, { row: 0, column: 1 }],
    ["ArrowRight", true, { row: 1, column: 3 }],
    ["End", true, { row: 4, column: 3 }],
    ["Home", false, { row: 1, column: 0 }],
    ["x", false, { row: 1, column: 1 }],
  ])("%s leads to its place", (key, far, place) => expect(step({ row: 1, column: 1 }, key, 5, 4, far)).toEqual(place));

  it("stay in the sheet", () => expect(step({ row: 4, column: 0 }, "ArrowDown", 5, 4)).toEqual({ row: 4, column: 0 }));

  it("begin to write only as sums do", () => {
    expect(["7", "=", "-", "＝"].every(beginsTyping)).toBe(true);
    expect(["m", "Enter", "抖", " "].some(beginsTyping)).toBe(false);
  });
});

describe("ranges", () => {
  const two = range({ row: 2, column: 1 }, { row: 1, column: 2 });

  it("have corners whichever way they were drawn", () => {
    expect(places(two)).toEqual([{ row: 1, column: 1 }, { row: 1, column: 2 }, { row: 2, column: 1 }, { row: 2, column: 2 }]);
    expect(inside(two, { row: 2, column: 2 })).toBe(true);
    expect(inside(two, { row: 0, column: 1 })).toBe(false);
  });

  it("are filled by one cell and cut at the edge by a block", () => {
    expect(pasted([["9"]], two, 4, 4)).toHaveLength(4);
    expect(pasted([["a", "b"], ["c", "d"]], range({ row: 3, column: 3 }, { row: 3, column: 3 }), 4, 4)).toEqual([[{ row: 3, column: 3 }, "a"]]);
  });

  it("are filled down from the top row", () => {
    expect(filledDown(two, (at) => `${at.row}:${at.column}`)).toEqual([[{ row: 2, column: 1 }, "1:1"], [{ row: 2, column: 2 }, "1:2"]]);
  });
});

describe("a moved border", () => {
  it("takes from one neighbour and gives to the other", () => {
    expect(shifted([300, 90, 60, 50], 0, 0.64, 500, 1)).toEqual([320, 70, 60, 50]);
    expect(shifted([300, 90, 60, 50], 2, 0.88, 500, 1)).toEqual([300, 90, 50, 60]);
  });

  it("stops at the neighbours' ends", () => {
    expect(shifted([300, 90, 60, 50], 1, 0, 500, 1)).toEqual([300, 0, 150, 50]);
    expect(shifted([300, 90, 60, 50], 1, 1, 500, 1)).toEqual([300, 150, 0, 50]);
  });
});
