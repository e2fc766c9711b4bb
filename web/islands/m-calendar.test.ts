import { beforeEach, describe, expect, it } from "vitest";

const { days, later } = await import("./m-calendar");

const DAYS = ["2026-11-09", "2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13", "2026-11-14", "2026-11-15", "2026-11-16"];
let sent: Record<string, string>[] = [];

beforeEach(() => {
  sent = [];
  document.body.innerHTML = `<m-calendar data-says-move="Move “%(name)s”" data-says-left="It stays.">
    <p data-says></p><a data-step="before"></a><a data-step="after"></a><a data-step="today"></a>
    <a data-view-key="1"></a><a data-view-key="2"></a>
    <form id="calendar-move"><input name="tile"><input name="to"></form>
    ${DAYS.map((day, n) => `<div data-date="${day}"><a href="#" data-day="${day}" tabindex="${n ? -1 : 0}" aria-label="day ${day}">x</a>${day === "2026-11-10" ? '<a href="#" data-tile="campaigns:c" data-first="2026-11-08" data-name="Tea">Tea</a>' : ""}</div>`).join("")}
  </m-calendar>`;
  const form = document.querySelector<HTMLFormElement>("#calendar-move")!;
  form.requestSubmit = () => void sent.push({ tile: form.tile.value, to: form.to.value });
});

const press = (key: string, code = "") => (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));
const here = () => (document.activeElement as HTMLElement).dataset.day;
const place = (day: string) => document.querySelector<HTMLElement>(`[data-day="${day}"]`)!;
const counting = (selector: string) => {
  const seen = { n: 0 };
  document.querySelector(selector)!.addEventListener("click", (event) => (event.preventDefault(), seen.n++));
  return seen;
};

describe("days", () => {
  it("are counted without time zones", () => {
    expect(later("2026-02-27", 2)).toBe("2026-03-01");
    expect(days("2026-03-01") - days("2026-02-27")).toBe(2);
  });
});

describe("keys", () => {
  it("walk from day to day, and one tab stop stays", () => {
    press("ArrowRight");
    expect(here()).toBe("2026-11-09");
    press("ArrowRight");
    press("ArrowLeft");
    press("ArrowDown");
    expect(here()).toBe("2026-11-16");
    expect(document.querySelectorAll('[data-day][tabindex="0"]').length).toBe(1);
  });

  it("turn the page beyond the last day, by page keys and by T", () => {
    const before = counting('[data-step="before"]');
    const today = counting('[data-step="today"]');
    place("2026-11-09").focus();
    press("ArrowUp");
    press("PageUp");
    press("t", "KeyT");
    expect([before.n, today.n]).toEqual([2, 1]);
  });

  it("change the view by digits, but not while someone writes", () => {
    const second = counting('[data-view-key="2"]');
    press("2", "Digit2");
    document.body.insertAdjacentHTML("beforeend", '<input id="field">');
    document.querySelector<HTMLElement>("#field")!.focus();
    press("2", "Digit2");
    expect(second.n).toBe(1);
  });

  it("begin something new on the day that has the focus", () => {
    const opened = counting('[data-day="2026-11-12"]');
    place("2026-11-12").focus();
    press("c", "KeyC");
    expect(opened.n).toBe(1);
  });
});

describe("moving by keys", () => {
  it("takes the whole of a long tile along", () => {
    place("2026-11-10").focus();
    press("m", "KeyM");
    expect(document.querySelector("[data-says]")!.textContent).toBe("Move “Tea”");
    press("ArrowRight");
    press("ArrowRight");
    expect(document.querySelector<HTMLElement>(".is-target")!.dataset.date).toBe("2026-11-12");
    press("Enter");
    // It was taken on its third day, the 10th, and put on the 12th: it begins two days later.
    expect(sent).toEqual([{ tile: "campaigns:c", to: "2026-11-10" }]);
  });

  it("leaves it where it was on Esc", () => {
    place("2026-11-10").focus();
    press("m", "KeyM");
    press("ArrowRight");
    press("Escape");
    expect(sent).toEqual([]);
    expect(document.querySelector(".is-target, .is-moving")).toBeNull();
    expect(document.querySelector("[data-says]")!.textContent).toBe("It stays.");
  });
});
