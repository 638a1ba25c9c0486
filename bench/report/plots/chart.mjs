// Charts by ECharts, as SVG, and the two sets of colours that they are drawn in.
/** @import { EChartsOption, TitleComponentOption } from 'echarts' */
/** @import { Theme } from '../../types.js' */
import { init } from 'echarts';

/** Of all plots, px. */
export const width = 860;
/** px above the first panel or group */
export const headHeight = 34;
export const mono = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace";
const sans = "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif";

/**
 * Colours of the pages that they stand on: GitHub's, which an editor's preview is close to.
 * @type {Record<'light' | 'dark', Theme>}
 */
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

/**
 * A picture without a background.
 * @param {number} height px
 * @param {EChartsOption} option
 * @param {number} [wide] px
 */
export function drawChart(height, option, wide = width) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: wide, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: sans }, ...option });
    return still(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/**
 * Without what answers a mouse and what is for animation (it clips nothing here). Their names are numbered through the
 * process: a plot would differ when another one does.
 * @param {string} svg
 */
function still(svg) {
  return svg
    .replaceAll(/<(style|defs)\b[\s\S]*?<\/\1>\n*/g, '')
    .replaceAll(/ (class|pointer-events|clip-path)="[^"]*"/g, '');
}

/**
 * @param {string} text
 * @param {{ left: number, top: number, size: number, color: string }} style px
 * @returns {TitleComponentOption}
 */
export function heading(text, { left, top, size, color }) {
  return { text, left, top, padding: 0, textStyle: { fontSize: size, fontWeight: 600, color } };
}

/**
 * How an axis shows its numbers: 1500 is 1.5k.
 * @param {Theme} theme
 */
export function numbers({ quiet }) {
  return { color: quiet, fontSize: 11, formatter: /** @param {number} value */ value => shortNumber(value) };
}

/** @param {number} value */
function shortNumber(value) {
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  return value >= 1e3 ? `${trimmed(value / 1e3)}k` : trimmed(value);
}

/** @param {number} value */
function trimmed(value) {
  return String(Number(value.toPrecision(3)));
}
