import { beforeEach, describe, expect, it, vi } from "vitest";
import { recent, remember, step } from "./m-palette";

const ANSWER = '<a role="option" href="#one">One<span data-acts></span></a><a role="option" href="#two">Two</a><span data-count-text="2 results" hidden></span>';

beforeEach(() => {
  document.body.innerHTML =
    '<m-palette data-src="/search"><dialog id="palette"><input role="combobox"><div role="listbox"></div><p data-count></p></dialog></m-palette>';
  vi.stubGlobal("fetch", vi.fn(async () => new Response(ANSWER)));
});

const field = () => document.querySelector("input")!;
const chosen = () => document.querySelector('[aria-selected="true"]')?.textContent;
const key = (name: string) => field().dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));

async function ask(words: string) {
  field().value = words;
  field().dispatchEvent(new Event("compositionend", { bubbles: true }));
  await vi.waitFor(() => expect(document.querySelectorAll('[role="option"]')).toHaveLength(2));
}

describe("the palette", () => {
  it("asks the server and says how much it found", async () => {
    await ask("双11");
    expect(fetch).toHaveBeenCalledWith(expect.stringContaining("q=%E5%8F%8C11"), expect.anything());
    expect(document.querySelector("[data-count]")!.textContent).toBe("2 results");
  });

  it("selects the words of last time, but not what quick fingers have typed already", () => {
    const dialog = document.querySelector("dialog")!;
    const opens = () => dialog.dispatchEvent(new Event("toggle"));
    dialog.open = true;
    field().value = "last time";
    opens();
    expect([field().selectionStart, field().selectionEnd]).toEqual([0, 9]);
    field().value = "smn";
    field().setSelectionRange(3, 3);
    field().dispatchEvent(new Event("input", { bubbles: true }));
    opens();
    expect([field().selectionStart, field().selectionEnd]).toEqual([3, 3]);
  });

  it("keeps the focus in the field while arrows choose", async () => {
    await ask("one");
    expect(chosen()).toBe("One");
    key("ArrowDown");
    expect(chosen()).toBe("Two");
    expect(field().getAttribute("aria-activedescendant")).toBe("palette-option-1");
    key("ArrowDown");
    expect(chosen()).toBe("One");
  });

  it("opens what is chosen on Enter", async () => {
    await ask("two");
    const clicked = vi.fn();
    document.querySelectorAll("a")[1]!.addEventListener("click", clicked);
    key("ArrowUp");
    key("Enter");
    expect(clicked).toHaveBeenCalledOnce();
  });

  it("waits on Enter for what the typed words find", async () => {
    await ask("one");
    const [old, found] = [vi.fn(), vi.fn()];
    document.querySelector("a")!.addEventListener("click", old);
    let answer: (response: Response) => void = () => {};
    vi.mocked(fetch).mockReturnValue(new Promise((resolve) => (answer = resolve)));
    field().value = "three";
    field().dispatchEvent(new Event("compositionend", { bubbles: true }));
    key("Enter");
    expect(fetch).toHaveBeenLastCalledWith(expect.stringContaining("q=three"), expect.anything());
    document.addEventListener("click", found, { once: true });
    answer(new Response('<a role="option" href="#three">Three</a>'));
    await vi.waitFor(() => expect(found).toHaveBeenCalledOnce());
    expect((found.mock.calls[0]![0] as Event).target).toBe(document.querySelector('[href="#three"]'));
    expect(old).not.toHaveBeenCalled();
  });

  it("opens nothing when the words were changed after Enter", async () => {
    await ask("one");
    const clicked = vi.fn();
    document.addEventListener("click", clicked, { once: true });
    field().value = "tw";
    field().dispatchEvent(new Event("compositionend", { bubbles: true }));
    key("Enter");
    await ask("two");
    await vi.waitFor(() => expect(fetch).toHaveBeenLastCalledWith(expect.stringContaining("q=two"), expect.anything()));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(clicked).not.toHaveBeenCalled();
  });

  it("opens on Ctrl K", () => {
    document.dispatchEvent(new KeyboardEvent("keydown", { code: "KeyK", ctrlKey: true, cancelable: true }));
    expect(document.querySelector("dialog")!.open).toBe(true);
  });
});

describe("one entry", () => {
  const acts = '<p>One</p><a role="option" href="#one">Open</a><button role="option">Pin</button>';
  const shown = () => [...document.querySelectorAll('[role="option"]')].map((one) => one.textContent);

  it("shows its actions on the right arrow, and the results again on the left one", async () => {
    await ask("one");
    vi.mocked(fetch).mockResolvedValueOnce(new Response(acts));
    key("ArrowRight");
    await vi.waitFor(() => expect(shown()).toEqual(["Open", "Pin"]));
    expect(fetch).toHaveBeenLastCalledWith("/search/actions?url=%23one&title=One", expect.anything());
    expect(chosen()).toBe("Open");
    key("ArrowLeft");
    await vi.waitFor(() => expect(shown()).toEqual(["One", "Two"]));
  });

  it("leaves the right arrow to the words while the cursor stands in them", async () => {
    await ask("one");
    const asked = vi.mocked(fetch).mock.calls.length;
    field().setSelectionRange(1, 1);
    key("ArrowRight");
    expect(fetch).toHaveBeenCalledTimes(asked);
  });

  it("shows its actions by its three dots as well", async () => {
    vi.mocked(fetch).mockResolvedValueOnce(new Response('<a role="option" href="#one">One<span data-acts>…</span></a><a role="option" href="#two">Two</a>'));
    await ask("one");
    vi.mocked(fetch).mockResolvedValueOnce(new Response(acts));
    document.querySelector<HTMLElement>("[data-acts]")!.click();
    await vi.waitFor(() => expect(shown()).toEqual(["Open", "Pin"]));
  });

  it("comes first when it is pinned, before what was opened last", async () => {
    sessionStorage.setItem("muster.recent", JSON.stringify([{ title: "One", href: "#one" }, { title: "Spring", href: "/c/1" }]));
    vi.mocked(fetch).mockResolvedValueOnce(new Response('<a role="option" href="#one" data-pinned>One</a><a role="option" href="#two">Two</a>'));
    field().value = "";
    field().dispatchEvent(new Event("compositionend", { bubbles: true }));
    await vi.waitFor(() => expect(shown()).toEqual(["One", "Spring", "Two"]));
    sessionStorage.clear();
  });

  it("is asked for again when something was pinned", async () => {
    await ask("one");
    const asked = vi.mocked(fetch).mock.calls.length;
    document.dispatchEvent(new CustomEvent("pins-changed"));
    expect(fetch).toHaveBeenCalledTimes(asked + 1);
  });
});

describe("the question mark", () => {
  it("is written into the field, and help of this page takes the place of the palette on Enter", async () => {
    const press = new KeyboardEvent("keydown", { key: "?", bubbles: true, cancelable: true });
    field().dispatchEvent(press);
    expect(press.defaultPrevented).toBe(false);
    vi.mocked(fetch).mockResolvedValueOnce(
      new Response('<a role="option" href="/c/1#shortcuts" data-opens="shortcuts">Help</a><a role="option" href="/calendar#shortcuts">Calendar</a>'),
    );
    const dialog = document.querySelector("dialog")!;
    dialog.showModal();
    await ask("?");
    const opened = vi.fn();
    document.addEventListener("click", opened, { once: true });
    key("Enter");
    expect(dialog.open).toBe(false);
    expect((opened.mock.calls[0]![0] as Event).defaultPrevented).toBe(true);
  });
});

describe("choosing", () => {
  it("goes round, and nowhere in an empty list", () => {
    expect(step(1, 1, 2)).toBe(0);
    expect(step(0, -1, 2)).toBe(1);
    expect(step(-1, 1, 0)).toBe(-1);
  });
});

describe("what was opened last", () => {
  const link = (href: string, title: string) => {
    const one = document.createElement("a");
    one.setAttribute("href", href);
    one.innerHTML = `<span class="grow">${title}</span><span>hint</span>`;
    return one;
  };
  beforeEach(() => sessionStorage.clear());

  it("stands first, once, five at most", () => {
    for (const n of [1, 2, 3, 4, 5, 6, 2]) remember(link(`/c/${n}`, `C${n}`));
    expect(recent().map((one) => one.title)).toEqual(["C2", "C6", "C5", "C4", "C3"]);
  });

  it("does not keep sums and strangers", () => {
    remember(link("/search?q=%3D1", "= 1"));
    remember(link("https://elsewhere.example/", "Elsewhere"));
    expect(recent()).toEqual([]);
  });

  it("is offered while nothing is typed", async () => {
    remember(link("/c/1", "Spring"));
    field().value = "";
    field().dispatchEvent(new Event("compositionend", { bubbles: true }));
    await vi.waitFor(() => expect(document.querySelectorAll('[role="option"]')).toHaveLength(3));
    expect(chosen()).toBe("Spring");
  });
});
