import { beforeEach, describe, expect, it, vi } from "vitest";
import { inserted, tools } from "./email-editor";

const press = (element: Element, type: string, more: KeyboardEventInit = {}) =>
  element.dispatchEvent(new KeyboardEvent(type, { bubbles: true, cancelable: true, ...more }));

describe("a token", () => {
  beforeEach(() => {
    document.body.innerHTML = `<email-editor><input data-takes-tokens value="Hi , tea">
      <button type="button" data-token="{{ first_name }}">first_name</button></email-editor>`;
  });

  it("goes where the writer was, and the form hears of it", () => {
    const field = document.querySelector("input") as HTMLInputElement;
    const heard = vi.fn();
    field.addEventListener("input", heard);
    field.dispatchEvent(new Event("focusin", { bubbles: true }));
    field.setSelectionRange(3, 3);
    (document.querySelector("[data-token]") as HTMLElement).click();
    expect(field.value).toBe("Hi {{ first_name }}, tea");
    expect(heard).toHaveBeenCalledOnce();
  });

  it("takes the place of what was chosen", () => {
    expect(inserted("Dear friend!", 5, 11, "{{ x }}")).toEqual({ text: "Dear {{ x }}!", cursor: 12 });
  });
});

describe("Alt and an arrow", () => {
  it("press the button of the row", () => {
    document.body.innerHTML = `<email-editor><ol><li data-block="a"><a href="#">A</a><button data-moves="down">v</button></li></ol></email-editor>`;
    const pressed = vi.fn();
    document.querySelector("button")?.addEventListener("click", pressed);
    press(document.querySelector("a") as Element, "keydown", { key: "ArrowDown", altKey: true });
    press(document.querySelector("a") as Element, "keydown", { key: "ArrowDown" });
    press(document.querySelector("a") as Element, "keydown", { key: "ArrowUp", altKey: true });
    expect(pressed).toHaveBeenCalledOnce();
  });
});

describe("rich text", () => {
  it("is written on paper and posted by the textarea", async () => {
    document.body.innerHTML = `<label for="t">Text</label><rich-text><textarea id="t" data-bold="Bold">&lt;p&gt;Hi&lt;/p&gt;</textarea></rich-text>`;
    await Promise.resolve();
    const paper = document.querySelector<HTMLElement>("[role=textbox]") as HTMLElement;
    const area = document.querySelector("textarea") as HTMLTextAreaElement;
    expect(area.hasAttribute("hidden")).toBe(true);
    expect(paper.textContent).toBe("Hi");
    paper.innerHTML = "<p><b>Ho</b></p>";
    paper.dispatchEvent(new Event("input", { bubbles: true }));
    expect(area.value).toBe("<p><b>Ho</b></p>");
  });

  it("offers only the tools whose words are there", () => {
    expect(tools({ bold: "Bold", link: "Link" } as unknown as DOMStringMap)).toEqual([["bold", "Bold"], ["createLink", "Link"]]);
  });
});
