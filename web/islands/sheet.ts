// What a sheet of cells does with keys, ranges and the clipboard. Pure: no page, no clock.

export interface At {
  row: number;
  column: number;
}

export interface Range {
  from: At;
  to: At;
}

/** Tab-separated text as Excel puts it on the clipboard; quoted cells may hold tabs and line ends. */
export function parseTsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < source.length; at++) {
    const sign = source[at]!;
    if (quoted) {
      if (sign === '"' && source[at + 1] === '"') cell += source[++at];
      else if (sign === '"') quoted = false;
      else cell += sign;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === "\t" || sign === "\n") {
      rows.at(-1)!.push(cell);
      cell = "";
      if (sign === "\n") rows.push([]);
    } else cell += sign;
  }
  rows.at(-1)!.push(cell);
  return rows;
}

export function toTsv(rows: string[][]): string {
  return rows.map((row) => row.map((cell) => (/["\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n");
}

/** Where an arrow, Home, End or Tab leads; the same place at the edge. */
export function step(at: At, key: string, rows: number, columns: number, far = false): At {
  const clamp = (value: number, most: number) => Math.max(0, Math.min(most - 1, value));
  const row = (by: number) => ({ row: clamp(far ? by * rows : at.row + by, rows), column: at.column });
  const column = (by: number) => ({ row: at.row, column: clamp(far ? by * columns : at.column + by, columns) });
  switch (key) {
    case "ArrowUp":
      return row(-1);
    case "ArrowDown":
      return row(1);
    case "ArrowLeft":
      return column(-1);
    case "ArrowRight":
      return column(1);
    case "Home":
      return { row: far ? 0 : at.row, column: 0 };
    case "End":
      return { row: far ? rows - 1 : at.row, column: columns - 1 };
    default:
      return at;
  }
}

export function range(one: At, other: At): Range {
  return {
    from: { row: Math.min(one.row, other.row), column: Math.min(one.column, other.column) },
    to: { row: Math.max(one.row, other.row), column: Math.max(one.column, other.column) },
  };
}

export function inside({ from, to }: Range, at: At): boolean {
  return at.row >= from.row && at.row <= to.row && at.column >= from.column && at.column <= to.column;
}

/** All places of a range, row by row. */
export function places({ from, to }: Range): At[] {
  const found: At[] = [];
  for (let row = from.row; row <= to.row; row++) for (let column = from.column; column <= to.column; column++) found.push({ row, column });
  return found;
}

/**
 * Where each cell of a pasted block goes. One cell fills the whole range; a block begins at its
 * corner and is cut where the sheet ends.
 */
export function pasted(block: string[][], target: Range, rows: number, columns: number): [At, string][] {
  const single = block.length === 1 && block[0]!.length === 1 ? block[0]![0]! : undefined;
  if (single !== undefined) return places(target).map((at) => [at, single]);
  return block.flatMap((cells, down) =>
    cells.flatMap((text, right): [At, string][] => {
      const at = { row: target.from.row + down, column: target.from.column + right };
      return at.row < rows && at.column < columns ? [[at, text]] : [];
    }),
  );
}

/** What fill-down writes: the top row of the range into the rows below it. */
export function filledDown({ from, to }: Range, text: (at: At) => string): [At, string][] {
  return places({ from: { row: from.row + 1, column: from.column }, to }).map((at) => [at, text({ row: from.row, column: at.column })]);
}

/** Whether a key begins to write into the cell, as in a spreadsheet: digits, = and signs. */
export function beginsTyping(key: string): boolean {
  return /^[\d=＝+\-.(（]$/.test(key);
}

/** How the sums of two neighbours change when the border between them is moved to a share. */
export function shifted(sums: number[], between: number, share: number, total: number, coin: number): number[] {
  const before = sums.slice(0, between).reduce((sum, part) => sum + part, 0);
  const both = sums[between]! + sums[between + 1]!;
  const left = Math.max(0, Math.min(both, Math.round((share * total - before) / coin) * coin));
  return sums.map((part, at) => (at === between ? left : at === between + 1 ? both - left : part));
}
