import { beforeEach, describe, expect, it } from "vitest";
import { find, keepFocus, trail } from "./focus";

const swapped = () => document.dispatchEvent(new CustomEvent("htmx:after:settle"));

beforeEach(() => {
  document.body.innerHTML = "";
});

describe("the focus, after what had it was exchanged", () => {
  it("goes to the same thing", () => {
    document.body.innerHTML = '<main tabindex="-1"><div id="list"><a href="/a">A</a><a href="/b">B</a></div></main>';
    keepFocus(document);
    document.querySelector<HTMLElement>('[href="/b"]')!.focus();
    document.querySelector("#list")!.innerHTML = '<a href="/new">New</a><a href="/a">A</a><a href="/b">B</a>';
    swapped();
    expect(document.activeElement?.getAttribute("href")).toBe("/b");
  });

  it("goes to the same cell of a grid, whatever the cell holds now", () => {
    const row = (first: string, second: string) => `<tbody><tr id="tsk_1"><td aria-label="Copy, Wang Min: ${first}">${first}</td><td aria-label="Copy, Li Qiang: ${second}">${second}</td></tr></tbody>`;
    document.body.innerHTML = `<main tabindex="-1"><table role="grid">${row("A", "R")}</table></main>`;
    keepFocus(document);
    const cell = document.querySelectorAll<HTMLElement>("td")[1]!;
    cell.tabIndex = 0;
    cell.focus();
    document.querySelector("table")!.innerHTML = row("A", "C");
    swapped();
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Copy, Li Qiang: C");
  });

  it("goes to what stands in its place if the thing is gone", () => {
    document.body.innerHTML = '<main tabindex="-1"><div id="list"><a href="/a">A</a><a href="/b">B</a><a href="/c">C</a></div></main>';
    const gone = trail(document.querySelector('[href="/b"]')!);
    document.querySelector("#list")!.innerHTML = '<a href="/a">A</a><a href="/c">C</a>';
    expect(find(document, gone)?.getAttribute("href")).toBe("/c");
  });

  it("goes to the page if all around it is gone", () => {
    document.body.innerHTML = '<main tabindex="-1"><div id="list"><a href="/a">A</a></div></main>';
    const gone = trail(document.querySelector("a")!);
    document.querySelector("#list")!.remove();
    expect(find(document, gone)?.tagName).toBe("MAIN");
  });

  it("stays where it was put meanwhile", () => {
    document.body.innerHTML = '<main tabindex="-1"><div id="list"><a href="/a">A</a></div><input></main>';
    keepFocus(document);
    document.querySelector<HTMLElement>("a")!.focus();
    document.querySelector("#list")!.innerHTML = '<a href="/a">A</a>';
    document.querySelector("input")!.focus();
    swapped();
    expect(document.activeElement?.tagName).toBe("INPUT");
  });

  it("is where it was when a change was taken back and the page came anew", () => {
    const page = '<main tabindex="-1"><div id="list"><a href="/a">A</a><a href="/b">B</a></div></main><div id="toasts"><button data-undo="/undo">Undo</button></div>';
    document.body.innerHTML = page;
    keepFocus(document);
    document.querySelector<HTMLElement>('[href="/b"]')!.focus();
    document.querySelector<HTMLElement>("#toasts button")!.click();
    document.body.innerHTML = page;
    keepFocus(document);
    expect(document.activeElement?.getAttribute("href")).toBe("/b");
    expect(sessionStorage.length).toBe(0);
  });

  it("goes to the summary of errors first", () => {
    document.body.innerHTML = '<main tabindex="-1"><form id="form"><button>Save</button></form></main>';
    keepFocus(document);
    document.querySelector("button")!.focus();
    document.querySelector("#form")!.innerHTML = '<div data-focus tabindex="-1">Two things are missing</div><button>Save</button>';
    swapped();
    expect(document.activeElement?.textContent).toBe("Two things are missing");
  });
});
