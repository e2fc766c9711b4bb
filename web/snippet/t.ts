// The tracker that people put on their own pages:
//   <script async src="https://muster.example/t.js" data-key="WRITE_KEY"></script>
// It offers muster.track(name, properties), .identify(id, traits), .page(), .consent(yes), .reset().
// Small on purpose: no dependencies, no cookie, at most 2 KB compressed (the build checks it).
// What it keeps, when, and every property it sends stands in src/muster/track/README.md.
type Bag = Record<string, unknown>;
interface State {
  /** The answer given to `consent`. */
  c?: number;
  /** The name of this browser. */
  a?: string;
  user?: string;
  /** What the very first visit said of itself. */
  first?: Bag;
}

((view: Window & { muster?: unknown }, page: Document, nav: Navigator & { globalPrivacyControl?: boolean }) => {
  const script = page.currentScript as HTMLScriptElement | null;
  if (!script) return;
  const said = script.dataset;
  const url = new URL("/v1/batch", said.host || script.src).href;
  const root = page.documentElement;
  const round = Math.round;
  const hear = (target: EventTarget, event: string, does: (event: never) => void) => target.addEventListener(event, does as EventListener, true);
  const isSeen = () => page.visibilityState !== "hidden";
  const iso = () => new Date().toJSON();
  const now = Date.now;
  const id = () => now() + (Math.random() + "").slice(2);

  // Nothing is written before consent: until then the state lives for this page alone.
  let state: State = {};
  try {
    state = JSON.parse(localStorage.muster);
  } catch {
    // Nothing there, or no store at all.
  }
  // 1 yes, 0 no, undefined not asked. An answer given here weighs more than what the browser says to all sites.
  let answer = state.c ?? (nav.doNotTrack === "1" || nav.globalPrivacyControl ? 0 : said.consent === "given" ? 1 : undefined);
  if (answer !== 1) state = {};
  const save = () => {
    try {
      localStorage.muster = JSON.stringify(state);
    } catch {
      // Without a store only this page knows.
    }
  };

  let queue: Bag[] = [];
  let timer = 0;
  let failures = 0;
  let busy = false;
  const later = (wait: number) => {
    timer ||= view.setTimeout(flush, wait);
  };
  const flush = (leaving?: unknown) => {
    clearTimeout(timer);
    timer = 0;
    const last = leaving === true;
    while (queue[0] && (last || !busy) && (answer || said.consent !== "wait")) {
      const batch = queue.splice(0, 20);
      const body = JSON.stringify({ writeKey: said.key, batch, sentAt: iso() });
      // text/plain needs no question beforehand (CORS preflight); the collector reads it as JSON.
      if (last && nav.sendBeacon?.(url, body)) continue;
      busy = true;
      const done = (bad: unknown) => {
        busy = false;
        failures = bad ? failures + 1 : 0;
        // What was not taken goes first the next time; the door knows each event by its messageId.
        if (bad) queue = batch.concat(queue);
        if (queue[0]) later(bad ? 500 * 2 ** failures : 0);
      };
      fetch(url, { method: "POST", body, keepalive: true, credentials: "omit" }).then((got) => done(/429|5../.test(got.status as never)), done);
    }
  };

  // Where this visit came from: the tags of the address.
  let campaign: Bag | undefined;
  new URLSearchParams(location.search).forEach((value, name) => {
    if (/^utm_/.test(name)) (campaign ||= {})[name === "utm_campaign" ? "name" : name.slice(4)] = value;
  });
  const add = (type: string, own: Bag) => {
    if (answer === 0) return;
    state.a ||= id();
    state.first ||= { ...campaign, url: location.href, referrer: page.referrer, at: iso() };
    if (answer) save();
    queue.push({
      type,
      messageId: id(),
      anonymousId: state.a,
      userId: state.user,
      timestamp: iso(),
      context: { page: { url: location.href, referrer: from }, locale: nav.language, first: state.first, campaign },
      ...own,
    });
    // Where nothing can be sent, the oldest goes first.
    if (queue[200]) queue.shift();
    if (queue[19]) flush();
    else later(1000);
  };

  // One view of one page: how long it was seen, how far it was scrolled, and which twentieths of it
  // were on the screen for how many seconds.
  let from = page.referrer;
  let here = "";
  let viewId = "";
  let seen = 0;
  let since = 0;
  let depth = 0;
  let bands: number[] = [];
  let changes = 0;
  const about = (own: Bag): Bag => ({ view: viewId, url: location.href, version: said.version, screen: [innerWidth, innerHeight], ...own });
  const look = (seconds: number) => {
    if (!isSeen()) return;
    const height = root.scrollHeight / 20 || 1;
    const bottom = scrollY + innerHeight;
    depth = Math.max(depth, round((5 * bottom) / height));
    for (let i = 0; i < 20; i++) bands[i] = (bands[i] || 0) + (i * height < bottom && (i + 1) * height > scrollY ? seconds : 0);
  };
  // Told again whenever the page is hidden, each time only what came since: the sums are right.
  const leave = () => {
    if (since) seen += now() - since;
    since = 0;
    if (viewId && seen > 99) muster.track("Page Left", about({ url: here, seconds: seen / 1000, depth, bands }));
    seen = 0;
    bands = [];
  };
  const arrive = () => {
    since = isSeen() ? now() : 0;
  };
  // A click is told when it is known whether anything came of it. A dead one left the page as
  // it was.
  let click: Bag | undefined;
  let before = 0;
  let wait = 0;
  const settle = (leaving?: unknown) => {
    clearTimeout(wait);
    if (click) muster.track("Element Clicked", { ...click, dead: !leaving && changes === before });
    click = undefined;
  };
  const away = () => {
    settle(1);
    leave();
    flush(true);
  };
  const muster = {
    track: (event: string, properties: Bag = {}) => add("track", { event, properties }),
    page: (name?: string, properties?: Bag) => {
      leave();
      viewId = id();
      here = location.href;
      depth = 0;
      arrive();
      look(0);
      add("page", { name: name || undefined, properties: about({ title: page.title, referrer: from, ...properties }) });
    },
    identify: (userId: string, traits: Bag = {}) => {
      if (userId) state.user = userId;
      add("identify", { traits });
    },
    consent: (yes: boolean) => {
      const before = answer;
      answer = yes ? 1 : 0;
      state = yes ? { ...state, c: 1 } : { c: 0 };
      if (!yes) queue = [];
      save();
      if (yes && before === 0) muster.page();
      flush();
    },
    reset: () => {
      state = { c: state.c };
      if (answer) save();
    },
    flush,
  };

  hear(page, "click", (event: MouseEvent) => {
    const hit = event.target as Element;
    if (!viewId) return;
    const live = hit.closest("a,button,summary,label,input,select,textarea,[role=button],[onclick]");
    const element = live || hit;
    const field = element.matches("input,select,textarea,label,[href^=mailto]");
    const box = element.getBoundingClientRect();
    let path = "";
    for (let at: Element | null = element; at && at !== page.body; at = at.parentElement) {
      let place = 1;
      for (let other: Element | null = at; (other = other.previousElementSibling); ) if (other.tagName === at.tagName) place++;
      path = (at.id ? "#" + at.id : at.tagName.toLowerCase() + (place > 1 ? `:nth-of-type(${place})` : "")) + (path && ">" + path);
      if (at.id) break;
    }
    settle();
    before = field ? -1 : changes;
    click = about({
      element: path.slice(-200),
      // What people type is never read: only links and buttons have a text here.
      text: live && !field ? live.textContent!.trim().slice(0, 60) : undefined,
      href: (element as HTMLAnchorElement).href,
      x: round((1e3 * (event.clientX - box.x)) / box.width),
      y: round((1e3 * (event.clientY - box.y)) / box.height),
      at: [event.clientX, event.clientY],
      box: [box.x + scrollX, box.y + scrollY, box.width, box.height].map(round),
      top: scrollY,
      height: root.scrollHeight,
    });
    wait = view.setTimeout(settle, 600);
  });
  hear(view, "scroll", () => {
    changes++;
    look(0);
  });
  hear(page, "visibilitychange", () => (isSeen() ? arrive() : away()));
  hear(view, "pagehide", away);
  setInterval(look, 1000, 1);
  new MutationObserver(() => changes++).observe(root, { subtree: true, childList: true, attributes: true });

  // Calls made before the script arrived wait in muster.q as [name, ...arguments].
  const early = (view.muster as { q?: [keyof typeof muster, ...unknown[]][] } | undefined)?.q || [];
  view.muster = muster;
  if (said.auto !== "false") {
    muster.page();
    // Pages that change their address by themselves are pages all the same.
    const moved = () => {
      if (here.split("#")[0] !== location.href.split("#")[0]) {
        from = here;
        muster.page();
      }
    };
    for (const name of ["pushState", "replaceState"] as const) {
      const original = history[name];
      history[name] = (...given) => {
        original.apply(history, given);
        moved();
      };
    }
    hear(view, "popstate", moved);
  }
  for (const [name, ...given] of early) (muster[name] as (...all: unknown[]) => void)?.(...given);
})(window, document, navigator);

export {};
