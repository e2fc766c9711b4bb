import { beforeEach, describe, expect, it, vi } from "vitest";
import { listenToKeys } from "../core/keys";
import "./budget-grid";

const ajax = vi.fn();
const cell = (name: string) => document.querySelector<HTMLElement>(`[data-cell=${name}]`)!;
const key = (on: HTMLElement, name: string, more: KeyboardEventInit = {}) => on.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }));
const sent = () => JSON.parse(ajax.mock.calls.at(-1)![2].values.cells);

beforeEach(() => {
  ajax.mockClear();
  (window as unknown as { htmx: unknown }).htmx = { ajax };
  document.body.innerHTML = `<budget-grid data-url="/cells"><table><tr data-line="lin_1"><th data-cell="label" data-raw="Film">Film</th><td class="num" data-cell="planned" data-raw="1200.00">1,200</td></tr></table></budget-grid>`;
});

function type(name: string, text: string) {
  key(cell(name), "Enter");
  const field = cell(name).querySelector("input")!;
  field.value = text;
  key(field, "Enter");
}

describe("the sheet of money", () => {
  it("says what stood in a cell when somebody began to write", () => {
    type("planned", "=12*800");
    expect(sent()).toEqual([{ line: "lin_1", field: "planned", text: "=12*800", was: "1200.00" }]);
  });

  it("takes back only what it wrote itself", () => {
    type("planned", "1300");
    // A colleague's value has come in since: the server will ask, as 1300 is not there any more.
    cell("planned").dataset.raw = "1500.00";
    key(cell("planned"), "z", { code: "KeyZ", ctrlKey: true });
    expect(sent()).toEqual([{ line: "lin_1", field: "planned", text: "1200.00", was: "1300" }]);
  });

  it("takes back once per press, and leaves the notices of the page alone", () => {
    const other = vi.fn();
    document.body.insertAdjacentHTML("beforeend", '<div id="toasts"><button data-undo>Undo</button></div>');
    document.querySelector("[data-undo]")!.addEventListener("click", other);
    listenToKeys(document);
    const undo = { code: "KeyZ", ctrlKey: true };
    key(cell("planned"), "z", undo);
    expect([ajax.mock.calls.length, other.mock.calls.length > 0]).toEqual([0, true]);
    other.mockClear();
    type("planned", "1300");
    key(cell("planned"), "z", undo);
    key(cell("planned"), "z", undo);
    expect([ajax.mock.calls.length, other.mock.calls.length]).toEqual([2, 0]);
  });

  it("sends nothing when all stayed as it was", () => {
    type("label", "Film");
    expect(ajax).not.toHaveBeenCalled();
  });
});
