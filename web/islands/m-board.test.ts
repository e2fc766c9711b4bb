import { beforeEach, describe, expect, it } from "vitest";
import "./m-board";

const card = (task: string) =>
  `<li data-task="${task}" draggable="true"><a href="#">${task}</a><select name="status"><option>todo</option><option>doing</option><option>done</option></select></li>`;
const columns = `<section data-status="todo"><ol>${card("t1")}</ol></section><section data-status="doing"></section><section data-status="done"></section>`;

let chosen: string[];

beforeEach(() => {
  document.body.innerHTML = `<m-board>${columns}</m-board>`;
  chosen = [];
  document.body.onchange = (event) => void chosen.push((event.target as HTMLSelectElement).value);
});

const over = () => document.querySelector<HTMLElement>(".is-over")?.dataset.status;
function key(name: string) {
  document.querySelector("a")!.dispatchEvent(new KeyboardEvent("keydown", { key: name, code: name === "m" ? "KeyM" : name, bubbles: true, cancelable: true }));
}

describe("a card moved by keys", () => {
  it("goes to the column that was chosen with the arrows", () => {
    key("m");
    expect(over()).toBe("todo");
    key("ArrowRight");
    expect(over()).toBe("doing");
    key("Enter");
    expect(chosen).toEqual(["doing"]);
    expect(over()).toBeUndefined();
  });

  it("stays where it is after Escape", () => {
    key("m");
    key("ArrowRight");
    key("Escape");
    key("Enter");
    expect(chosen).toEqual([]);
  });

  it("is still being moved when the board is drawn anew on the way", () => {
    key("m");
    key("ArrowRight");
    document.querySelector("m-board")!.innerHTML = columns;
    document.dispatchEvent(new CustomEvent("htmx:after:swap"));
    expect(over()).toBe("doing");
    expect(document.querySelector(".is-moving")).not.toBeNull();
    key("ArrowRight");
    key("Enter");
    expect(chosen).toEqual(["done"]);
  });
});
