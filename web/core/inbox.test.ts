import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { walkInbox } from "./inbox";
import { listenToKeys } from "./keys";

const done = vi.fn();
const press = (letter: string, on: Element = document.activeElement ?? document.body) =>
  on.dispatchEvent(new KeyboardEvent("keydown", { key: letter, code: `Key${letter.toUpperCase()}`, bubbles: true, cancelable: true }));
const link = (n: number) => document.querySelectorAll<HTMLAnchorElement>("[data-item] > a")[n]!;
const box = (n: number) => document.querySelectorAll<HTMLInputElement>("[data-item] input")[n]!;

/** What the server answers to a click on a line: its pane. */
function open(key: string) {
  const pane = document.querySelector<HTMLElement>("#pane")!;
  pane.dataset.open = key;
  pane.innerHTML = ["e", "r", "n"].map((letter) => `<button data-key="${letter}"></button>`).join("");
  for (const button of pane.querySelectorAll("button")) button.addEventListener("click", () => done(button.dataset.key, key));
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));
}

beforeAll(() => {
  walkInbox(document);
  listenToKeys(document);
});

beforeEach(() => {
  done.mockReset();
  const item = (key: string) => `<li data-item><input type="checkbox" value="${key}"><a href="#${key}">${key}</a></li>`;
  document.body.innerHTML =
    `<div data-inbox><ul>${item("one")}${item("two")}${item("three")}</ul>` +
    '<div data-bulk hidden><b data-bulk-count></b><button data-bulk-key="e"></button></div><article id="pane"></article></div>';
  for (const one of document.querySelectorAll<HTMLAnchorElement>("[data-item] > a")) one.addEventListener("click", (event) => event.preventDefault());
  document.querySelector("[data-bulk-key]")!.addEventListener("click", () => done("e", "bulk"));
  open("one");
  link(0).focus();
});

describe("the keys of My work", () => {
  it("act on the line that is open while it has the focus", () => {
    press("e");
    expect(done).toHaveBeenCalledExactlyOnceWith("e", "one");
  });

  it("act on the line that J went to, and not on the one that is still open", () => {
    press("j");
    expect(document.activeElement).toBe(link(1));
    const asked = vi.fn();
    link(1).addEventListener("click", asked);
    press("e");
    expect(asked).toHaveBeenCalledOnce();
    expect(done).not.toHaveBeenCalled();
    open("two");
    expect(done).toHaveBeenCalledExactlyOnceWith("e", "two");
  });

  it("forget what was meant once something else is opened", () => {
    press("j");
    press("n");
    link(2).click();
    open("three");
    open("two");
    expect(done).not.toHaveBeenCalled();
  });

  it("act on what is selected, wherever the focus is", () => {
    box(1).checked = box(2).checked = true;
    press("e");
    expect(done).toHaveBeenCalledExactlyOnceWith("e", "bulk");
  });

  it("do nothing to the open line when several others are selected that need a word each", () => {
    box(1).checked = box(2).checked = true;
    press("r");
    expect(done).not.toHaveBeenCalled();
  });

  it("ask the word for the one line that is selected", () => {
    box(2).checked = true;
    press("r");
    open("three");
    expect(done).toHaveBeenCalledExactlyOnceWith("r", "three");
  });
});
