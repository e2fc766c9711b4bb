import { beforeEach, describe, expect, it, vi } from "vitest";

interface Call {
  type: string;
  event?: string;
  userId?: string;
  anonymousId: string;
  messageId: string;
  traits?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  context: { campaign?: Record<string, string>; mid?: string };
}
interface Tracker {
  track(event: string, properties?: Record<string, unknown>): void;
  identify(id: string, traits?: Record<string, unknown>): void;
  page(): void;
  reset(): void;
  flush(): void;
}
const sent: { url: string; body: { writeKey: string; batch: Call[] } }[] = [];

async function load(address: string, early?: unknown[][]): Promise<Tracker> {
  window.location.href = address;
  const script = document.createElement("script");
  script.dataset.key = "wk_test";
  script.dataset.host = "https://muster.example";
  script.dataset.auto = "false";
  Object.defineProperty(document, "currentScript", { value: script, configurable: true });
  (window as unknown as { muster: unknown }).muster = early ? { q: early } : undefined;
  vi.resetModules();
  await import("./t");
  return (window as unknown as { muster: Tracker }).muster;
}

const events = () => sent.flatMap((call) => call.body.batch);

beforeEach(() => {
  sent.length = 0;
  localStorage.clear();
  sessionStorage.clear();
  vi.stubGlobal("fetch", vi.fn(async (url: string, init: { body: string }) => {
    sent.push({ url, body: JSON.parse(init.body) });
    return new Response();
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

  it("knows the campaign and the message that brought the visit, on later pages too", async () => {
    const muster = await load("https://shop.example/?utm_source=edm&utm_medium=email&utm_campaign=d11&mid=m_123");
    muster.track("A");
    muster.flush();
    expect(events()[0]!.context).toMatchObject({ campaign: { source: "edm", medium: "email", name: "d11" }, mid: "m_123" });
    const later = await load("https://shop.example/cart");
    later.track("B");
    later.flush();
    expect(events()[1]!.context.mid).toBe("m_123");
    expect(events()[1]!.context.campaign).toBeUndefined();
  });

  it("does what was asked before it arrived", async () => {
    const muster = await load("https://shop.example/", [["track", "Early", { n: 1 }]]);
    muster.flush();
    expect(events()[0]).toMatchObject({ event: "Early", properties: { n: 1 } });
  });

  it("sends twenty at a time, and everything when the page is left", async () => {
    const muster = await load("https://shop.example/");
    for (let i = 0; i < 25; i++) muster.track(`E${i}`);
    expect(events()).toHaveLength(20);
    window.dispatchEvent(new Event("pagehide"));
    expect(events()).toHaveLength(25);
  });
});
