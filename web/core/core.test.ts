import { fillOnClick } from "./fill";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fillSavedForms, say } from "./autosave";
import { sendCsrf } from "./csrf";
import { openDialogs } from "./dialogs";
import { mayLeave } from "./guard";
import { areOff, isShortcut, letterOf, listenToKeys, listKeysHere } from "./keys";
import { nextIndex } from "./menus";
import { retargetRefusals } from "./refusals";
import { receiveToasts, showToast } from "./toasts";
import { fillTimeZones } from "./zone";

beforeEach(() => {
  document.body.innerHTML = "";
  document.head.innerHTML = "";
  localStorage.clear();
});

const press = (target: EventTarget, init: KeyboardEventInit) => {
  const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
};

describe("a form that asks for the time zone", () => {
  it("learns it from the browser, unless it knows one", () => {
    document.body.innerHTML = '<input data-time-zone><input data-time-zone value="Asia/Taipei">';
    fillTimeZones(document);
    const zones = [...document.querySelectorAll("input")].map((input) => input.value);
    expect(zones).toEqual([Intl.DateTimeFormat().resolvedOptions().timeZone, "Asia/Taipei"]);
  });
});

describe("requests of ours", () => {
  it("carry the token of the page", () => {
    document.head.innerHTML = '<meta name="csrf-token" content="secret">';
    sendCsrf(document);
    const ctx = { request: { headers: {} as Record<string, string> } };
    document.dispatchEvent(new CustomEvent("htmx:config:request", { detail: { ctx } }));
    expect(ctx.request.headers["X-CSRFToken"]).toBe("secret");
  });
});

describe("keys", () => {
  it("are told by their place, whatever the input method makes of them", () => {
    expect(letterOf(new KeyboardEvent("keydown", { code: "KeyE", key: "Process" }))).toBe("e");
    expect(letterOf(new KeyboardEvent("keydown", { code: "Digit1", key: "1" }))).toBe("");
  });

  it("sleep while someone writes, composes or holds another key", () => {
    document.body.innerHTML = '<input id="field"><button id="button">x</button>';
    const told: boolean[] = [];
    document.body.addEventListener("keydown", (event) => told.push(isShortcut(event)), { once: false });
    press(document.querySelector("#field")!, { code: "KeyE" });
    press(document.querySelector("#button")!, { code: "KeyE", isComposing: true });
    press(document.querySelector("#button")!, { code: "KeyE", ctrlKey: true });
    press(document.querySelector("#button")!, { code: "KeyE" });
    expect(told).toEqual([false, false, false, true]);
  });

  it("go to a place after G, and press the button of their letter", () => {
    document.body.innerHTML = '<a href="#people" data-go="a">Audience</a><button data-key="e">Approve</button>';
    const clicked: string[] = [];
    document.body.addEventListener("click", (event) => clicked.push((event.target as Element).textContent ?? ""));
    listenToKeys(document);
    press(document.body, { code: "KeyG" });
    press(document.body, { code: "KeyA" });
    press(document.body, { code: "KeyE" });
    expect(clicked).toEqual(["Audience", "Approve"]);
  });

  it("go to a place after G also where the letter has another meaning", () => {
    document.body.innerHTML = '<a href="#people" data-go="a">Audience</a><table><tr><td id="cell" tabindex="0"></td></tr></table>';
    const clicked = vi.fn();
    const taken = vi.fn();
    document.querySelector("a")!.addEventListener("click", clicked);
    document.querySelector("#cell")!.addEventListener("keydown", (event) => (event as KeyboardEvent).code === "KeyA" && taken());
    listenToKeys(document);
    press(document.querySelector("#cell")!, { code: "KeyG" });
    press(document.querySelector("#cell")!, { code: "KeyA" });
    expect(clicked).toHaveBeenCalled();
    expect(taken).not.toHaveBeenCalled();
  });

  it("press a digit in the part around the focus first, and elsewhere on the page", () => {
    document.body.innerHTML =
      '<a href="#overview" data-key="1">Overview</a><section data-keys><input id="field"><button id="inside">Letter</button><a href="#s" data-key="1">S</a></section>';
    const clicked: string[] = [];
    document.body.addEventListener("click", (event) => clicked.push((event.target as Element).textContent ?? ""));
    listenToKeys(document);
    press(document.body, { code: "Digit1" });
    press(document.querySelector("#inside")!, { code: "Digit1" });
    press(document.querySelector("#field")!, { code: "Digit1" });
    expect([...new Set(clicked)]).toEqual(["Overview", "S"]);
  });

  it("of the page are listed in its help, without those that cannot be pressed now", () => {
    document.body.innerHTML =
      '<button data-key="r">Send back <kbd>R</kbd></button><a data-key="1" aria-label="Overview">1</a><button data-key="a" disabled>Approve</button>' +
      '<dialog><button data-key="x">Closed</button></dialog><section data-keys-here hidden><dl></dl></section>';
    listKeysHere(document);
    const list = document.querySelector("dl")!;
    expect([...list.children].map((one) => one.textContent)).toEqual(["Overview", "1", "Send back", "R"]);
    expect(document.querySelector<HTMLElement>("[data-keys-here]")!.hidden).toBe(false);
  });

  it("can be switched off", () => {
    document.body.innerHTML = '<button data-key="e">Approve</button>';
    localStorage.setItem("muster.shortcuts", "off");
    const clicked = vi.fn();
    document.querySelector("button")!.addEventListener("click", clicked);
    press(document.body, { code: "KeyE" });
    expect(clicked).not.toHaveBeenCalled();
  });
});

describe("shortcuts", () => {
  it("are off when the profile says so, unless this device says otherwise", () => {
    document.documentElement.dataset.shortcuts = "off";
    expect(areOff(document)).toBe(true);
    localStorage.setItem("muster.shortcuts", "on");
    expect(areOff(document)).toBe(false);
    delete document.documentElement.dataset.shortcuts;
    localStorage.setItem("muster.shortcuts", "off");
    expect(areOff(document)).toBe(true);
  });
});

describe("filling", () => {
  it("puts a proposed sentence into its field, as if it were typed", () => {
    document.body.innerHTML = '<textarea id="t"></textarea><button data-fills="t" data-text="500 in two weeks">Take</button>';
    const typed = vi.fn();
    fillOnClick(document);
    document.querySelector("textarea")!.addEventListener("input", typed);
    document.querySelector("button")!.click();
    expect(document.querySelector("textarea")!.value).toBe("500 in two weeks");
    expect(typed).toHaveBeenCalledOnce();
  });

  it("a link to a field puts the cursor into it", () => {
    document.body.innerHTML = '<a href="#f">Mend</a><input id="f">';
    fillOnClick(document);
    document.querySelector("a")!.click();
    expect(document.activeElement?.id).toBe("f");
  });
});

describe("menus", () => {
  it.each([
    ["ArrowDown", 2, 0],
    ["ArrowUp", 0, 2],
    ["Home", 2, 0],
    ["End", 0, 2],
    ["Enter", 1, undefined],
  ])("are walked with %s", (key, at, next) => {
    expect(nextIndex(key, at, 3)).toBe(next);
  });
});

describe("a form that saves itself", () => {
  const form = () => {
    document.body.innerHTML =
      '<form data-autosave><input name="name"><span class="saved" data-saving="Saving…" data-saved="Saved %(time)s" data-failed="Not saved"></span></form>';
    return document.querySelector("form")!;
  };

  it("waits until the typing stops, and then asks once", () => {
    vi.useFakeTimers();
    const saving = form();
    const asked = vi.fn();
    saving.addEventListener("autosave", asked);
    fillSavedForms(document);
    for (let i = 0; i < 3; i++) {
      saving.querySelector("input")!.dispatchEvent(new Event("input", { bubbles: true }));
      vi.advanceTimersByTime(300);
    }
    expect(asked).not.toHaveBeenCalled();
    vi.advanceTimersByTime(600);
    expect(asked).toHaveBeenCalledOnce();
    vi.useRealTimers();
  });

  it("says when it was saved", () => {
    const saved = form();
    say(saved, "saved", new Date(2026, 10, 8, 9, 5));
    expect(saved.querySelector(".saved")!.textContent).toBe("Saved 09:05");
    expect(saved.querySelector<HTMLElement>(".saved")!.dataset.state).toBe("saved");
  });
});

describe("a guarded form", () => {
  it("holds only while it is in the page", () => {
    document.body.innerHTML = "<form data-guard></form>";
    const form = document.querySelector("form")!;
    expect(mayLeave([form])).toBe(false);
    form.remove();
    expect(mayLeave([form])).toBe(true);
  });
});

describe("an address that ends with a dialog or a field", () => {
  it("opens it", () => {
    document.body.innerHTML = '<dialog id="new-task"></dialog><input id="new-name">';
    location.hash = "#new-task";
    openDialogs(document);
    expect(document.querySelector("dialog")!.open).toBe(true);
    location.hash = "#new-name";
    openDialogs(document);
    expect(document.activeElement?.id).toBe("new-name");
    location.hash = "";
  });

  it("puts the cursor into the first field of the dialog, also on the page that is open already", () => {
    document.body.innerHTML =
      '<dialog id="add-risk" class="dialog"><button data-closes></button><form><input type="hidden" name="a"><input id="title"></form></dialog>';
    location.hash = "";
    openDialogs(document);
    location.hash = "#add-risk";
    window.dispatchEvent(new Event("hashchange"));
    expect(document.querySelector("dialog")!.open).toBe(true);
    expect(document.activeElement?.id).toBe("title");
    // What browsers do with an address that ends with something that can have the focus.
    const dialog = document.querySelector("dialog")!;
    dialog.tabIndex = -1;
    dialog.focus();
    expect(document.activeElement?.id).toBe("title");
    location.hash = "";
  });
});

describe("a refusal", () => {
  it("goes into the dialog that asked, since that lies above the page", () => {
    document.body.innerHTML = '<div id="messages"></div><dialog id="dialog" open><form></form></dialog>';
    retargetRefusals(document);
    const ctx = { sourceElement: document.querySelector("form")!, hx: { retarget: "#messages" } };
    document.dispatchEvent(new CustomEvent("htmx:after:request", { detail: { ctx } }));
    expect(ctx.hx.retarget).toBe("#dialog-messages");
    expect(document.querySelector("dialog")!.firstElementChild!.id).toBe("dialog-messages");
  });

  it("stays above the page otherwise", () => {
    document.body.innerHTML = '<div id="messages"></div><form></form>';
    const ctx = { sourceElement: document.querySelector("form")!, hx: { retarget: "#messages" } };
    document.dispatchEvent(new CustomEvent("htmx:after:request", { detail: { ctx } }));
    expect(ctx.hx.retarget).toBe("#messages");
  });
});

describe("a toast", () => {
  const page = () => {
    document.body.innerHTML =
      '<div id="toasts"></div><template id="toast-template"><div class="toast"><p></p><button data-undo hidden>Undo</button><button data-dismiss>×</button></div></template>';
  };

  it("says text and never markup", () => {
    page();
    const toast = showToast(document, { text: "<b>Saved</b>" })!;
    expect(toast.querySelector("p")!.innerHTML).toBe("&lt;b&gt;Saved&lt;/b&gt;");
    expect(toast.querySelector("[data-undo]")).toBeNull();
  });

  it("offers the way back, and posts to it", () => {
    page();
    const ajax = vi.fn();
    (window as unknown as { htmx: unknown }).htmx = { ajax };
    receiveToasts(document);
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: "Removed.", undo: "/undo/chg_1" } }));
    document.querySelector<HTMLElement>("#toasts [data-undo]")!.click();
    expect(ajax).toHaveBeenCalledWith("POST", "/undo/chg_1", { swap: "none" });
    expect(document.querySelector("#toasts .toast")).toBeNull();
  });

  it("leaves after ten seconds", () => {
    vi.useFakeTimers();
    page();
    showToast(document, { text: "Saved." });
    vi.advanceTimersByTime(9_999);
    expect(document.querySelector("#toasts .toast")).not.toBeNull();
    vi.advanceTimersByTime(1);
    expect(document.querySelector("#toasts .toast")).toBeNull();
    vi.useRealTimers();
  });
});
