import { beforeEach, describe, expect, it, vi } from "vitest";
import { between, neighbour, pressed } from "./m-raci";

const cell = (task: string, who: string, letters = "") =>
  `<td${task + who === "t1u1" ? ' tabindex="0"' : ""} aria-label="${task}, ${who}: ${letters || "no duty"}"${letters && ` data-letters="${letters}"`}>${letters}</td>`;

let sent: string[];

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = `<m-raci data-may-set data-r="does it" data-a="answers" data-c="asked" data-i="told" data-none="no duty">
    <button data-letter="C">C</button>
    <table role="grid"><thead><tr><th>Task</th><th data-who="u1">u1</th><th data-who="u2">u2</th><th data-who="u3">u3</th></tr></thead>
      <tbody><tr id="t1"><th>t1</th><td>due</td>${cell("t1", "u1", "A")}${cell("t1", "u2")}${cell("t1", "u3")}</tr><tr id="t2"><th>t2</th><td>due</td>${cell("t2", "u1")}${cell("t2", "u2", "R")}${cell("t2", "u3")}</tr></tbody></table>
    <form><input name="cells"></form><div id="raci-effects">old</div><button data-discards>Discard</button></m-raci>`;
  sent = [];
  document.querySelector("form")!.requestSubmit = () => void sent.push(document.querySelector("input")!.value);
});

const at = (id: string) => document.querySelector<HTMLElement>(`td[aria-label^="${id.replace(":", ", ")}:"]`)!;
const texts = () => [...document.querySelectorAll("td[aria-label]")].map((one) => one.textContent).join("|");
function key(name: string, more: KeyboardEventInit = {}) {
  document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key: name, code: /^[a-z]$/.test(name) ? `Key${name.toUpperCase()}` : name, bubbles: true, cancelable: true, ...more }));
}
const answered = () => (vi.advanceTimersByTime(300), sent.at(-1));

describe("the matrix of duties", () => {
  it("is entered by one cell, and arrows go from cell to cell", () => {
    expect(document.querySelectorAll('[tabindex="0"]')).toHaveLength(1);
    at("t1:u1").focus();
    key("ArrowRight");
    key("ArrowDown");
    expect(document.activeElement).toBe(at("t2:u2"));
    key("End");
    key("ArrowRight");
    expect(document.activeElement).toBe(at("t2:u3"));
    expect(document.querySelectorAll('[tabindex="0"]')).toHaveLength(1);
  });

  it("gives and takes letters by keys, and says so to screen readers", () => {
    at("t1:u2").click();
    key("r");
    expect(at("t1:u2").getAttribute("aria-label")).toBe("t1, u2: R (does it)");
    expect(answered()).toBe("t1:u2:R");
    key("r");
    expect(at("t1:u2").getAttribute("aria-label")).toBe("t1, u2: no duty");
    expect(answered()).toBe("");
  });

  it("lets one task have one A", () => {
    at("t1:u2").click();
    key("a");
    expect(texts()).toBe("|A|||R|");
    expect(answered()).toBe("t1:u1: t1:u2:A");
  });

  it("sets a whole range", () => {
    at("t1:u2").click();
    key("ArrowRight", { shiftKey: true });
    key("ArrowDown", { shiftKey: true });
    expect(document.querySelectorAll('[aria-selected="true"]')).toHaveLength(4);
    key("i");
    expect(texts()).toBe("A|I|I||I|I");
    key("Backspace");
    expect(texts()).toBe("A|||||");
    expect(answered()).toBe("t2:u2:");
  });

  it("works by buttons and takes everything back", () => {
    at("t2:u1").click();
    document.querySelector<HTMLElement>("[data-letter]")!.click();
    expect(answered()).toBe("t2:u1:C");
    document.querySelector<HTMLElement>("[data-discards]")!.click();
    expect(answered()).toBe("");
    expect(texts()).toBe("A||||R|");
  });

  it("keeps what is not applied when others change something, and fetches otherwise", () => {
    const fetched = vi.fn();
    document.body.addEventListener("raci-refresh", fetched);
    const grid = document.querySelector("m-raci")!;
    at("t1:u2").click();
    key("c");
    grid.dispatchEvent(new CustomEvent("live:refresh"));
    expect(fetched).not.toHaveBeenCalled();
    const swap = (at: Element) => at.dispatchEvent(new CustomEvent("htmx:before:swap", { bubbles: true, cancelable: true }));
    expect([swap(document.body), swap(document.querySelector("form")!)]).toEqual([false, true]);
    document.body.dispatchEvent(new CustomEvent("raci-applied"));
    expect(document.querySelector("#raci-effects")!.textContent).toBe("");
    grid.dispatchEvent(new CustomEvent("live:refresh"));
    expect(fetched).toHaveBeenCalledOnce();
  });

  it("leaves shortcuts of the browser and those who may only read alone", () => {
    at("t1:u2").click();
    key("r", { ctrlKey: true });
    document.querySelector<HTMLElement>("m-raci")!.removeAttribute("data-may-set");
    key("r");
    expect(texts()).toBe("A||||R|");
  });
});

describe("places in a grid", () => {
  const grid = [["a", "b"], ["c", "d"], ["e", "f"]];
  it("knows neighbours and rectangles", () => {
    expect(neighbour(grid, "b", [1, 0])).toBe("d");
    expect(neighbour(grid, "a", [-1, 0])).toBeUndefined();
    expect(between(grid, "d", "e")).toEqual(["c", "d", "e", "f"]);
  });
  it.each([["", "R", "R"], ["R", "A", "A/R"], ["A/R", "R", "A"], ["C", "R", "R"], ["A/R", "I", "I"]])("%s and %s make %s", (held, letter, after) => {
    expect(pressed(held, letter)).toBe(after);
  });
});
