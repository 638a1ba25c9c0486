import { printable } from '../engine/words/printable.js';

// For the commands, whose text all comes from here.
export { printable };

/** Bytes as `12 B`, `1.4 KiB`, `23 MiB`. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`;
}

/** An ISO-8601 time as local `YYYY-MM-DD HH:MM:SS`; what is no time stays as it is. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return printable(iso);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `3 files`, `1 directory`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** Rows as aligned columns, two spaces apart; columns listed in `right` are flushed right; the last is not padded. */
export function table(rows: string[][], right: number[] = []): string[] {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, at) => maxLength(rows, at));
  return rows.map(row =>
    row
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        if (right.includes(at)) return cell.padStart(width);
        return at === columns - 1 ? cell : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

// Not Math.max(...): a listing may have more rows than a call takes arguments.
function maxLength(rows: string[][], column: number): number {
  return rows.reduce((longest, row) => Math.max(longest, row[column]?.length ?? 0), 0);
}
