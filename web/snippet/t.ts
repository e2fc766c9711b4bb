// The tracker that people put on their own pages:
//   <script async src="https://muster.example/t.js" data-key="WRITE_KEY"></script>
// It offers muster.track(name, properties), muster.identify(id, traits), muster.page().
// Small on purpose: no dependencies, at most 2 KB compressed.
type Bag = Record<string, unknown>;

((view: Window & { muster?: unknown }) => {
  const page = document;
  const script = page.currentScript as HTMLScriptElement | null;
  if (!script) return;
  const key = script.dataset.key || "";
  const url = new URL("/v1/batch", script.dataset.host || script.src).href;
  const store = (name: string, value?: string): string => {
    try {
      if (value !== undefined) localStorage.setItem(name, value);
      return localStorage.getItem(name) || "";
    } catch {
      return "";
    }
  };
  const id = () =>
    view.crypto.randomUUID ? view.crypto.randomUUID() : `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
  let anonymous = store("muster.a");
  if (!anonymous) store("muster.a", (anonymous = id()));
  let user = store("muster.u");
  // A link of ours carries `mid`; it stays with the visit, so that an order later in it is known.
  const query = new URLSearchParams(location.search);
  const campaign: Bag = {};
  query.forEach((value, name) => {
    if (name.startsWith("utm_")) campaign[name === "utm_campaign" ? "name" : name.slice(4)] = value;
  });
  let mid = query.get("mid") || "";
  try {
    if (mid) sessionStorage.setItem("muster.m", mid);
    else mid = sessionStorage.getItem("muster.m") || "";
  } catch {
    // Without storage only this page knows where the visit came from.
  }
  let queue: Bag[] = [];
  let timer = 0;
  const flush = () => {
    clearTimeout(timer);
    timer = 0;
    while (queue.length) {
      const batch = queue.slice(0, 20);
      queue = queue.slice(20);
      const body = JSON.stringify({ writeKey: key, batch, sentAt: new Date().toISOString() });
      // text/plain needs no question beforehand (CORS preflight); the collector reads it as JSON.
      if (!navigator.sendBeacon || !navigator.sendBeacon(url, new Blob([body], { type: "text/plain" })))
        fetch(url, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => {});
    }
  };
  const add = (type: string, own: Bag) => {
    queue.push({
      type,
      messageId: id(),
      anonymousId: anonymous,
      ...(user ? { userId: user } : {}),
      timestamp: new Date().toISOString(),
      context: {
        page: { url: location.href, path: location.pathname, title: page.title, referrer: page.referrer },
        locale: navigator.language,
        ...(Object.keys(campaign).length ? { campaign } : {}),
        ...(mid ? { mid } : {}),
      },
      ...own,
    });
    if (queue.length >= 20) flush();
    else if (!timer) timer = view.setTimeout(flush, 400);
  };
  const muster = {
    track: (event: string, properties: Bag = {}) => add("track", { event, properties }),
    page: (name = "", properties: Bag = {}) =>
      add("page", { ...(name ? { name } : {}), properties: { url: location.href, path: location.pathname, title: page.title, ...properties } }),
    identify: (userId: string, traits: Bag = {}) => {
      if (userId) store("muster.u", (user = String(userId)));
      add("identify", { traits });
    },
    reset: () => {
      store("muster.u", (user = ""));
      store("muster.a", (anonymous = id()));
    },
    flush,
  };
  page.addEventListener("visibilitychange", () => page.visibilityState === "hidden" && flush());
  view.addEventListener("pagehide", flush);
  // Calls made before the script arrived wait in muster.q as [name, ...arguments].
  const early = (view.muster as { q?: [keyof typeof muster, ...unknown[]][] } | undefined)?.q || [];
  view.muster = muster;
  if (script.dataset.auto !== "false") muster.page();
  for (const [name, ...given] of early) (muster[name] as (...all: unknown[]) => void)?.(...given);
})(window);

export {};
