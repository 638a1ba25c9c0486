// Horizontal bars in groups, all on one axis.
import { number } from '../statistics.mjs';
import { makeScale, shortNumber } from './scale.mjs';
import { element, line, svg, text, width } from './svg.mjs';

const labels = 250;
const right = 90;
const bar = { height: 14, pitch: 21 };
const heads = { title: 34, group: 26, gap: 10 };

/**
 * @param groups each a `title` and `bars`: `label`, `median`, `min` and `max` (a whisker, where they differ), and `own` where it is PHLB's
 * @param digits behind the point, in the number at the end of a bar
 * @returns a function that draws it in a theme's colours
 */
export function barFigure({ title, groups, digits = 2 }) {
  const largest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ max }) => max)));
  const scale = makeScale({ domain: [0, largest], from: labels, to: width - right });
  const bottom = heads.title + groups.reduce((sum, group) => sum + heightOf(group), 0);
  return theme => {
    const content = [text(0, 16, title, { fill: theme.text, size: 14, bold: true })];
    for (const tick of scale.ticks) {
      content.push(
        text(scale.at(tick), bottom + 10, shortNumber(tick), { fill: theme.quiet, size: 11, anchor: 'middle' }),
      );
    }
    let top = heads.title;
    for (const group of groups) {
      content.push(...drawGroup(group, top, scale, theme, digits));
      top += heightOf(group);
    }
    return svg(bottom + 16, content);
  };
}

function heightOf({ title, bars }) {
  return (title ? heads.group : 0) + bars.length * bar.pitch + heads.gap;
}

function drawGroup({ title, bars }, top, scale, theme, digits) {
  const first = top + (title ? heads.group : 0);
  const bottom = top + heightOf({ title, bars }) - heads.gap;
  const head = title ? [text(0, top + 17, title, { fill: theme.text, bold: true })] : [];
  const grid = scale.ticks.map(tick => line(scale.at(tick), first - 3, scale.at(tick), bottom, theme.grid));
  return [...head, ...grid, ...bars.flatMap((one, i) => drawBar(one, first + i * bar.pitch, scale, theme, digits))];
}

function drawBar({ label, median, min, max, own }, top, scale, theme, digits) {
  const [start, end] = [scale.at(0), scale.at(median)];
  const middle = top + bar.height / 2;
  const fill = own ? theme.own : theme.other;
  const parts = [
    text(labels - 8, top + 11, label, { fill: own ? theme.text : theme.quiet, size: 11, anchor: 'end', code: true }),
    element('rect', { x: start, y: top, width: Math.max(1, end - start), height: bar.height, fill, rx: 2 }),
  ];
  const spread = scale.at(max) - scale.at(min) > 2;
  if (spread) {
    parts.push(line(scale.at(min), middle, scale.at(max), middle, theme.whisker));
    for (const x of [min, max].map(scale.at)) parts.push(line(x, middle - 3, x, middle + 3, theme.whisker));
  }
  const after = Math.max(end, spread ? scale.at(max) : 0) + 6;
  parts.push(text(after, top + 11, number(median, digits), { fill: theme.text, size: 11, bold: own }));
  return parts;
}
