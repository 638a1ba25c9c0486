// Markdown that can be read in a terminal too.

/** @param rows cells as text, as many as there are headings */
export function table(headings, rows) {
  const widths = headings.map((heading, i) =>
    Math.max(...[heading, ...rows.map(row => row[i])].map(({ length }) => length)),
  );
  const line = cells => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(headings), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function list(items) {
  return items.map(item => `- ${item}`).join('\n');
}

/** 50,000 */
export function count(value) {
  return value.toLocaleString('en');
}
