import { beforeEach, describe, expect, it, vi } from "vitest";

class Stream extends EventTarget {
  static opened: Stream[] = [];
  static CLOSED = 2;
  readyState = 1;
  onopen?: () => void;
  onerror?: () => void;
  constructor(readonly url: string) {
    super();
    Stream.opened.push(this);
  }
  close() {
    this.readyState = Stream.CLOSED;
  }
}
vi.stubGlobal("EventSource", Stream);
const { refresh, topics } = await import("./m-live");

const settled = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  document.body.innerHTML = "";
  Stream.opened = [];
});

describe("the topics of a page", () => {
  it("are told once each", () => {
    document.body.innerHTML = '<i data-live="job:2"></i><i data-live="job:1, job:2"></i><i data-live=""></i>';
    expect(topics(document)).toEqual(["job:1", "job:2"]);
  });

  it("wake only their own elements", () => {
    document.body.innerHTML = '<i data-live="job:1"></i><i data-live="job:2"></i>';
    const woken: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>("i"))
      element.addEventListener("live:refresh", () => woken.push(element.dataset.live!));
    refresh(document, "job:2");
    expect(woken).toEqual(["job:2"]);
  });
});

describe("the stream of a tab", () => {
  it("is one for all topics, and says that it is live", async () => {
    document.body.innerHTML =
      '<span id="live" hidden><span data-state-text="live">Live</span><span data-state-text="reconnecting" hidden></span></span><i data-live="job:1"></i><i data-live="job:2"></i><m-live></m-live>';
    expect(Stream.opened.map((stream) => stream.url)).toEqual(["/live?topics=job%3A1%2Cjob%3A2"]);
    Stream.opened[0]!.onopen!();
    expect(document.querySelector<HTMLElement>("#live")!.hidden).toBe(false);
    Stream.opened[0]!.onerror!();
    expect(document.querySelector<HTMLElement>("#live")!.dataset.state).toBe("reconnecting");
  });

  it("follows what htmx brings into the page", async () => {
    document.body.innerHTML = '<m-live></m-live><div id="place"></div>';
    expect(Stream.opened).toHaveLength(0);
    document.querySelector("#place")!.innerHTML = '<i data-live="send:1"></i>';
    await settled();
    expect(Stream.opened.map((stream) => stream.url)).toEqual(["/live?topics=send%3A1"]);
  });

  it("fetches once what happened before it opened, and while the server was away", () => {
    document.body.innerHTML = '<i data-live="job:1"></i><m-live></m-live>';
    const asked = vi.fn();
    document.querySelector("i")!.addEventListener("live:refresh", asked);
    const stream = Stream.opened[0]!;
    stream.onopen!();
    expect(asked).toHaveBeenCalledOnce();
    stream.onerror!();
    stream.onopen!();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it("lets what is dear to draw rest between two refreshes, and loses no news", () => {
    vi.useFakeTimers();
    document.body.innerHTML = '<i data-live="results:1" data-live-every="5"></i><m-live></m-live>';
    const asked = vi.fn();
    document.querySelector("i")!.addEventListener("live:refresh", asked);
    const stream = Stream.opened[0]!;
    stream.onopen!();
    stream.dispatchEvent(new Event("results:1"));
    stream.dispatchEvent(new Event("results:1"));
    expect(asked).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(5000);
    expect(asked).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
  });

  it("ends with its element", () => {
    document.body.innerHTML = '<i data-live="job:1"></i><m-live></m-live>';
    document.querySelector("m-live")!.remove();
    expect(Stream.opened[0]!.readyState).toBe(Stream.CLOSED);
  });
});
