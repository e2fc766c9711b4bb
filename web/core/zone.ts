/** Fills in the time zone of the browser where a form asks for it without showing it. */
export function fillTimeZones(page: Document): void {
  for (const input of page.querySelectorAll<HTMLInputElement>("input[data-time-zone]"))
    input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
}
