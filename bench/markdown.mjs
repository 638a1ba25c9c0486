// Tables that can be read in a terminal too.

/** @param rows cells as text, as many as there are headings */
export function table(headings, rows) {
  const widths = headings.map((heading, i) =>
    Math.max(...[heading, ...rows.map(row => row[i])].map(({ length }) => length)),
  );
  const line = cells => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(headings), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
