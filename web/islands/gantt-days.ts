/** Days of the chart: which of them are worked, and how far a bar goes when it moves by so many. */

const DAY = 86_400_000;

export function dayAt(first: string, offset: number): string {
  return new Date(Date.parse(`${first}T00:00:00Z`) + offset * DAY).toISOString().slice(0, 10);
}

export function offsetOf(first: string, day: string): number {
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / DAY);
}

/** The offset so many working days on; `off` says for each day whether it is free ("1"). */
export function shifted(off: string, offset: number, by: number): number {
  const step = Math.sign(by);
  let at = offset;
  for (let left = Math.abs(by); left > 0; left -= 1) {
    at += step;
    while (off[at] === "1") at += step;
  }
  return at;
}
