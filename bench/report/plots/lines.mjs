// Lines over a range of sizes or over time, in panels side by side.
import { makeScale, shortNumber } from './scale.mjs';
import { element, line, svg, text, width } from './svg.mjs';

const perRow = 2;
const panel = { width: width / perRow, height: 270 };
const plot = { left: 46, right: 132, top: 50, bottom: 44 };
/** px between the names at the ends of two lines */
const apart = 14;

/**
 * @param panels each with a `title`, `xLabel`, `series` of `label`, `points` ([x, y]) and `own` where it is PHLB's; `log`, both
 *   axes by powers of ten, or `logX`; `limit`, a goal: `y` and `label`
 * @returns a function that draws it in a theme's colours
 */
export function lineFigure({ title, panels }) {
  return theme => {
    const rows = Math.ceil(panels.length / perRow);
    const content = [text(0, 16, title, { fill: theme.text, size: 14, bold: true })];
    panels.forEach((one, i) => {
      const left = (i % perRow) * panel.width;
      const top = 18 + Math.floor(i / perRow) * panel.height;
      content.push(...drawPanel(one, left, top, theme));
    });
    return svg(18 + rows * panel.height, content);
  };
}

function drawPanel({ title, xLabel, series, log = false, logX = log, limit }, left, top, theme) {
  const box = {
    left: left + plot.left,
    right: left + panel.width - plot.right,
    top: top + plot.top,
    bottom: top + panel.height - plot.bottom,
  };
  const points = series.flatMap(one => one.points);
  const ys = [...points.map(([, y]) => y), ...(limit ? [limit.y] : [])];
  const xs = points.map(([value]) => value);
  const x = makeScale({ domain: [Math.min(...xs), Math.max(...xs)], from: box.left, to: box.right, log: logX });
  const y = makeScale({ domain: domainOf(ys, log), from: box.bottom, to: box.top, log });
  return [
    text(left, top + 26, title, { fill: theme.text, bold: true }),
    ...drawAxes(x, y, box, xLabel, theme),
    ...(limit ? drawLimit(limit, y, box, theme) : []),
    ...drawSeries(series, x, y, box, theme),
  ];
}

// Whole powers of ten, so that lines on a logarithmic axis do not end at its edge by chance.
function domainOf(values, log) {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return log ? [10 ** Math.floor(Math.log10(min) + 1e-9), 10 ** Math.ceil(Math.log10(max) - 1e-9)] : [0, max];
}

function drawAxes(x, y, box, xLabel, theme) {
  const small = { fill: theme.quiet, size: 11 };
  return [
    ...y.ticks.flatMap(tick => [
      line(box.left, y.at(tick), box.right, y.at(tick), theme.grid),
      text(box.left - 6, y.at(tick) + 4, shortNumber(tick), { ...small, anchor: 'end' }),
    ]),
    ...x.ticks.map(tick => text(x.at(tick), box.bottom + 16, shortNumber(tick), { ...small, anchor: 'middle' })),
    text((box.left + box.right) / 2, box.bottom + 33, xLabel, { ...small, anchor: 'middle' }),
  ];
}

function drawLimit({ y: value, label }, y, box, theme) {
  const at = y.at(value);
  return [
    line(box.left, at, box.right, at, theme.quiet, { 'stroke-dasharray': '4 4' }),
    text(box.left + 4, at - 5, label, { fill: theme.quiet, size: 11 }),
  ];
}

function drawSeries(series, x, y, box, theme) {
  const colours = coloursOf(series, theme);
  const ends = series.map(({ label, points }, i) => ({ label, colour: colours[i], y: y.at(points.at(-1)[1]), i }));
  const lines = series.map(({ points, own }, i) => ({
    own,
    parts: drawLine(points, x, y, colours[i], own ? 2.5 : 1.75),
  }));
  return [
    // PHLB's own above the others.
    ...lines.toSorted((a, b) => Number(a.own ?? false) - Number(b.own ?? false)).flatMap(({ parts }) => parts),
    ...spaced(ends).map(({ label, colour, y: at, i }) =>
      text(box.right + 8, at + 4, label, { fill: colour, size: 12, bold: series[i].own }),
    ),
  ];
}

function coloursOf(series, theme) {
  const others = series.filter(({ own }) => !own);
  return series.map(one => (one.own ? theme.own : theme.series[others.indexOf(one) % theme.series.length]));
}

function drawLine(points, x, y, stroke, thickness) {
  const places = points.map(([a, b]) => [x.at(a), y.at(b)]);
  const path = places.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' ');
  const dots = points.length <= 12 ? places.map(([cx, cy]) => element('circle', { cx, cy, r: 3, fill: stroke })) : [];
  return [element('polyline', { points: path, fill: 'none', stroke, 'stroke-width': thickness }), ...dots];
}

// Pushed down where they would stand on each other.
function spaced(ends) {
  const sorted = ends.toSorted((a, b) => a.y - b.y);
  for (let i = 1; i < sorted.length; i++) sorted[i].y = Math.max(sorted[i].y, sorted[i - 1].y + apart);
  return sorted;
}
