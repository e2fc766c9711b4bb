/** Every request of ours carries the token of the page: htmx 4 inherits attributes only when told. */
export function sendCsrf(page: Document): void {
  page.addEventListener("htmx:config:request", (event) => {
    const { ctx } = (event as CustomEvent<{ ctx: { request: { headers: Record<string, string> } } }>).detail;
    const token = csrfToken(page);
    if (token) ctx.request.headers["X-CSRFToken"] = token;
  });
}

export function csrfToken(page: Document): string {
  return page.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}
