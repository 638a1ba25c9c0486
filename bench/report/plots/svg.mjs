// The few SVG elements that the plots need, and their two sets of colours.

/** Colours of the pages that they stand on: GitHub's, which an editor's preview is close to. */
export const themes = {
  light: {
    page: '#ffffff',
    text: '#1f2328',
    quiet: '#59636e',
    grid: '#d8dee4',
    own: '#0969da',
    other: '#afb8c1',
    whisker: '#57606a',
    series: ['#bc4c00', '#1a7f37', '#8250df', '#59636e'],
  },
  dark: {
    page: '#0d1117',
    text: '#f0f6fc',
    quiet: '#9198a1',
    grid: '#30363d',
    own: '#4493f8',
    other: '#484f58',
    whisker: '#b1bac4',
    series: ['#f0883e', '#3fb950', '#ab7df8', '#9198a1'],
  },
};

export const width = 860;
const sans = "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif";
const mono = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace";

export function element(name, attributes, content = '') {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escape(typeof value === 'number' ? rounded(value) : value)}"`);
  return `<${name}${written.join('')}>${content}</${name}>`;
}

/** @param style `size`, px; `fill`; `anchor`, of SVG's text-anchor; `bold`; `code`, in a monospaced face */
export function text(x, y, words, { size = 13, fill, anchor, bold = false, code = false }) {
  const face = { 'font-family': code ? mono : undefined, 'font-weight': bold ? '600' : undefined };
  return element('text', { x, y, fill, 'font-size': size, 'text-anchor': anchor, ...face }, escape(words));
}

export function line(x1, y1, x2, y2, stroke, more = {}) {
  return element('line', { x1, y1, x2, y2, stroke, ...more });
}

/** A whole picture, without a background. */
export function svg(height, content) {
  const frame = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}` };
  return `${element('svg', { ...frame, 'font-family': sans }, `\n${content.join('\n')}\n`)}\n`;
}

function rounded(value) {
  return String(Math.round(value * 10) / 10);
}

function escape(words) {
  return String(words)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
