// Markdown that can be read in a terminal too.

/**
 * @param {string[]} headings
 * @param {string[][]} rows cells as text, as many as there are headings
 */
export function table(headings, rows) {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map(row => row[i]?.length ?? 0)));
  /** @param {string[]} cells */
  const line = cells => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(headings), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** @param {string[]} items */
export function list(items) {
  return items.map(item => `- ${item}`).join('\n');
}

/**
 * 50,000
 * @param {number} value
 */
export function count(value) {
  return value.toLocaleString('en');
}
