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

describe("a board whose columns have numbers", () => {
  beforeEach(() => {
    const some = card("t1").replace("<option>doing</option>", "");
    document.body.innerHTML = `<m-board data-digits>${columns.replace(card("t1"), some)}</m-board>`;
  });
  const digit = (place: string) =>
    document.querySelector("a")!.dispatchEvent(new KeyboardEvent("keydown", { key: place, code: `Digit${place}`, bubbles: true, cancelable: true }));

  it("brings the card to the column of the number", () => {
    digit("3");
    expect(chosen).toEqual(["done"]);
  });

  it("leaves it where it is when it cannot go there, or there is no such column", () => {
    digit("2");
    digit("9");
    expect(chosen).toEqual([]);
  });

  it("passes over columns where it cannot go", () => {
    key("m");
    key("ArrowRight");
    expect(over()).toBe("done");
  });
});
