import { beforeEach, describe, expect, it, vi } from "vitest";

interface Call {
  type: string;
  event?: string;
  userId?: string;
  anonymousId: string;
  messageId: string;
  traits?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  context: { campaign?: Record<string, string>; first: Record<string, string> };
}
interface Tracker {
  track(event: string, properties?: Record<string, unknown>): void;
  identify(id: string, traits?: Record<string, unknown>): void;
  page(): void;
  consent(yes: boolean): void;
  reset(): void;
  flush(): void;
}
const sent: { url: string; body: { writeKey: string; batch: Call[] } }[] = [];
let answers: (number | "no network")[] = [];

async function load(address: string, said: Record<string, string> = { consent: "given" }, early?: unknown[][]): Promise<Tracker> {
  window.location.href = address;
  const script = document.createElement("script");
  Object.assign(script.dataset, { key: "wk_test", host: "https://muster.example", auto: "false", ...said });
  Object.defineProperty(document, "currentScript", { value: script, configurable: true });
  (window as unknown as { muster: unknown }).muster = early ? { q: early } : undefined;
  vi.resetModules();
  await import("./t");
  return (window as unknown as { muster: Tracker }).muster;
}

const events = () => sent.flatMap((call) => call.body.batch);
const settled = () => new Promise((done) => setTimeout(done, 0));
const signal = (name: "doNotTrack" | "globalPrivacyControl", value: unknown) => Object.defineProperty(navigator, name, { value, configurable: true });

beforeEach(() => {
  sent.length = 0;
  answers = [];
  localStorage.clear();
  signal("doNotTrack", null);
  signal("globalPrivacyControl", undefined);
  vi.stubGlobal("fetch", vi.fn(async (url: string, init: { body: string }) => {
    const answer = answers.shift() ?? 200;
    if (answer === "no network") throw new TypeError("no network");
    if (answer === 200) sent.push({ url, body: JSON.parse(init.body) });
    return new Response(null, { status: answer });
  }));
  Object.defineProperty(navigator, "sendBeacon", { value: undefined, configurable: true });
});

describe("the tracker", () => {
  it("sends what happened in one batch with the key of the page", async () => {
    const muster = await load("https://shop.example/");
    muster.track("Order Completed", { order_id: "A1", total: 199 });
    muster.page();
    muster.flush();
    expect(sent).toHaveLength(1);
    expect(sent[0]!.url).toBe("https://muster.example/v1/batch");
    expect(sent[0]!.body.writeKey).toBe("wk_test");
    expect(events().map((event) => event.type)).toEqual(["track", "page"]);
    expect(events()[0]).toMatchObject({ event: "Order Completed", properties: { order_id: "A1", total: 199 } });
  });

  it("gives every event its own id and every browser one", async () => {
    const muster = await load("https://shop.example/");
    muster.track("A");
    muster.track("B");
    muster.flush();
    const [first, second] = events();
    expect(first!.messageId).not.toBe(second!.messageId);
    expect(first!.anonymousId).toBe(second!.anonymousId);
    const again = await load("https://shop.example/next");
    again.track("C");
    again.flush();
    expect(events()[2]!.anonymousId).toBe(first!.anonymousId);
  });

  it("remembers who someone is, until told to forget", async () => {
    const muster = await load("https://shop.example/");
    muster.identify("u42", { city: "上海" });
    muster.track("A");
    muster.reset();
    muster.track("B");
    muster.flush();
    const [identified, after, forgotten] = events();
    expect(identified).toMatchObject({ type: "identify", userId: "u42", traits: { city: "上海" } });
    expect(after!.userId).toBe("u42");
    expect(forgotten!.userId).toBeUndefined();
    expect(forgotten!.anonymousId).not.toBe(after!.anonymousId);
  });

  it("knows the campaign of the visit, and on later pages what the very first one said", async () => {
    const muster = await load("https://shop.example/?utm_source=edm&utm_medium=email&utm_campaign=d11");
    muster.track("A");
    muster.flush();
    expect(events()[0]!.context).toMatchObject({ campaign: { source: "edm", medium: "email", name: "d11" } });
    const later = await load("https://shop.example/cart");
    later.track("B");
    later.flush();
    expect(events()[1]!.context.campaign).toBeUndefined();
    expect(events()[1]!.context.first).toMatchObject({ source: "edm", name: "d11" });
  });

  it("does what was asked before it arrived", async () => {
    const muster = await load("https://shop.example/", { consent: "given" }, [["track", "Early", { n: 1 }]]);
    muster.flush();
    expect(events()[0]).toMatchObject({ event: "Early", properties: { n: 1 } });
  });

  it("sends twenty at a time, and everything when the page is left", async () => {
    const muster = await load("https://shop.example/");
    for (let i = 0; i < 25; i++) muster.track(`E${i}`);
    const mine = () => events().filter((event) => event.event?.startsWith("E"));
    expect(mine()).toHaveLength(20);
    window.dispatchEvent(new Event("pagehide"));
    expect(mine()).toHaveLength(25);
  });

  it("tries again what was not taken, in the same order and with the same ids, and drops what is refused", async () => {
    vi.useFakeTimers();
    const muster = await load("https://shop.example/");
    answers = ["no network", 503, 429, 200];
    muster.track("A");
    muster.track("B");
    muster.flush();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(events().map((event) => event.event)).toEqual(["A", "B"]);
    answers = [400];
    muster.track("C");
    muster.flush();
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect(events()).toHaveLength(2);
  });
});

describe("consent", () => {
  it("is needed before anything is stored; without it each page is a visitor of its own", async () => {
    const muster = await load("https://shop.example/", {});
    muster.track("A");
    muster.identify("u1");
    muster.flush();
    await settled();
    expect(localStorage.length).toBe(0);
    expect(document.cookie).toBe("");
    const again = await load("https://shop.example/", {});
    again.track("B");
    again.flush();
    expect(events()[2]!.anonymousId).not.toBe(events()[0]!.anonymousId);
    expect(events()[2]!.userId).toBeUndefined();
  });

  it("keeps from then on who this is, on later pages too", async () => {
    const muster = await load("https://shop.example/", {});
    muster.track("A");
    muster.consent(true);
    const later = await load("https://shop.example/2", {});
    later.track("B");
    later.flush();
    expect(events()[1]!.anonymousId).toBe(events()[0]!.anonymousId);
  });

  it("is waited for where the site says so, and then what happened is sent", async () => {
    const muster = await load("https://shop.example/", { consent: "wait" });
    muster.track("A");
    muster.flush();
    window.dispatchEvent(new Event("pagehide"));
    expect(events()).toHaveLength(0);
    muster.consent(true);
    expect(events().map((event) => event.event)).toEqual(["A"]);
  });

  it("that was refused is remembered, and nothing else is", async () => {
    const muster = await load("https://shop.example/");
    muster.track("A");
    muster.consent(false);
    muster.track("B");
    const later = await load("https://shop.example/2");
    later.track("C");
    later.flush();
    expect(events()).toHaveLength(0);
    expect(localStorage.muster).toBe('{"c":0}');
  });

  it.each([["doNotTrack", "1"], ["globalPrivacyControl", true]] as const)("is taken as refused when the browser says %s, unless it is given here", async (name, value) => {
    signal(name, value);
    const muster = await load("https://shop.example/", { consent: "given", auto: "true" });
    muster.track("A");
    muster.flush();
    expect(events()).toHaveLength(0);
    expect(localStorage.length).toBe(0);
    muster.consent(true);
    expect(events().map((event) => event.type)).toEqual(["page"]);
  });
});

describe("what a page is", () => {
  it("follows pages that change their address by themselves, but not a place in the page", async () => {
    const muster = await load("https://shop.example/a", { consent: "given", auto: "true" });
    history.pushState({}, "", "/b?x=1");
    history.replaceState({}, "", "/b?x=1#below");
    muster.flush();
    const pages = events().filter((event) => event.type === "page");
    expect(pages.map((event) => event.properties!.url)).toEqual(["https://shop.example/a", "https://shop.example/b?x=1"]);
    expect(pages[1]!.properties!.referrer).toBe("https://shop.example/a");
  });

  it("tells a click by its place in the element, without anything that was typed", async () => {
    await load("https://shop.example/form", { consent: "given", auto: "true", key: "wk_form" });
    document.body.innerHTML = '<main><p>x</p><p><a id="buy" href="/cart"><b> 立即领券 </b></a></p><textarea>secret</textarea></main>';
    document.querySelector("b")!.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    document.querySelector("textarea")!.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    window.dispatchEvent(new Event("pagehide"));
    const mine = sent.filter((call) => call.body.writeKey === "wk_form").flatMap((call) => call.body.batch);
    const clicks = mine.filter((event) => event.event === "Element Clicked");
    expect(clicks.map((click) => click.properties!.element)).toEqual(["#buy", "main>textarea"]);
    expect(clicks[0]!.properties).toMatchObject({ text: "立即领券", href: "https://shop.example/cart" });
    expect(JSON.stringify(clicks)).not.toContain("secret");
  });
});
