import { beforeEach, describe, expect, it, vi } from "vitest";
import { neighbour } from "./m-grid";

const button = (name: string) => `<td><button data-at data-task="/task" data-values='{"stage": "${name}"}' id="${name}">${name}</button></td>`;
const at = (id: string) => document.getElementById(id)!;
const press = (id: string, key: string, code = key) => at(id).dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));

beforeEach(() => {
  document.body.innerHTML = `<m-grid><table><tbody><tr>${button("a")}${button("b")}</tr><tr>${button("c")}${button("d")}</tr></tbody></table></m-grid>`;
});

describe("the grid", () => {
  it("moves with the arrows and stops at the edges", () => {
    at("a").focus();
    press("a", "ArrowRight");
    expect(document.activeElement?.id).toBe("b");
    press("b", "ArrowDown");
    expect(document.activeElement?.id).toBe("d");
    press("d", "ArrowRight");
    expect(document.activeElement?.id).toBe("d");
  });

  it("keeps one cell in the tab order: the last one that had the focus", () => {
    at("d").focus();
    expect([...document.querySelectorAll<HTMLElement>("[data-at]")].map((one) => one.tabIndex)).toEqual([-1, -1, -1, 0]);
  });

  it("makes a task on C", () => {
    const ajax = vi.fn();
    (window as unknown as { htmx: unknown }).htmx = { ajax };
    press("c", "c", "KeyC");
    expect(ajax).toHaveBeenCalledWith("POST", "/task", { source: expect.any(HTMLElement), swap: "none", values: { stage: "c" } });
  });

  it("knows the ends of a row", () => {
    expect(neighbour([[1, 2, 3]], 2, "End")).toBe(3);
    expect(neighbour([[1, 2, 3]], 2, "Home")).toBe(1);
    expect(neighbour([[1, 2, 3]], 4, "Home")).toBeUndefined();
  });
});
