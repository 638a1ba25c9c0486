// Horizontal bars in groups, all on one axis.
/** @import { BarSeriesOption, CustomSeriesOption } from 'echarts' */
/** @import { Summary, Theme } from '../../types.js' */
import { number } from '../statistics.mjs';
import { drawChart, heading, headHeight, mono, numbers } from './chart.mjs';

/** px beside the bars, for their names and for their numbers */
const around = { left: 250, right: 90 };
const bar = { height: 14, pitch: 21 };
/** px of a group's title, and between groups */
const group = { title: 26, gap: 10 };

/**
 * @typedef {object} Bar as long as its median, with a whisker from `min` to `max` where they differ
 * @property {string} label
 * @property {boolean} [own] it is PHLB's
 */

/** @typedef {{ title?: string, bars: (Bar & Summary)[] }} Group */

/**
 * @param {object} figure
 * @param {string} figure.title
 * @param {Group[]} figure.groups
 * @param {number} [figure.digits] behind the point, in the number at the end of a bar
 * @returns {(theme: Theme) => string} draws it in a theme's colours
 */
export function barFigure({ title, groups, digits = 2 }) {
  const max = Math.max(...groups.flatMap(({ bars }) => bars.map(one => one.max)));
  const placed = placesOf(groups);
  const bottom = placed.at(-1)?.bottom ?? headHeight;
  return theme =>
    drawChart(bottom + 16, {
      title: [
        heading(title, { left: 0, top: 2, size: 14, color: theme.text }),
        ...placed.map(({ title: text = '', top }) =>
          heading(text, { left: 0, top: top + 6, size: 13, color: theme.text }),
        ),
      ],
      grid: placed.map(({ first, bars }) => ({
        ...around,
        ...{ top: first, height: bars.length * bar.pitch, outerBoundsMode: 'none' },
      })),
      xAxis: placed.map(({ last }, i) => ({
        ...{ gridIndex: i, type: 'value', max, axisTick: { show: false }, axisLine: { show: false } },
        axisLabel: { ...numbers(theme), show: last, showMaxLabel: false },
        splitLine: { showMaxLine: false, lineStyle: { color: theme.grid } },
      })),
      yAxis: placed.map(({ bars }, i) => ({
        ...{ gridIndex: i, type: 'category', inverse: true, axisTick: { show: false }, axisLine: { show: false } },
        data: bars.map(({ label, own }) => ({
          value: label,
          textStyle: { color: own ? theme.text : theme.quiet, fontSize: 11, fontFamily: mono },
        })),
        axisLabel: { interval: 0 },
      })),
      series: placed.flatMap(({ bars }, i) => [barsOf(bars, i, theme), endsOf(bars, i, theme, digits)]),
    });
}

/** @param {Group[]} groups */
function placesOf(groups) {
  let top = headHeight;
  return groups.map(({ title, bars }, i) => {
    const first = top + (title === undefined ? 0 : group.title);
    const bottom = first + bars.length * bar.pitch + group.gap;
    const placed = { title, bars, top, first, bottom, last: i === groups.length - 1 };
    top = bottom;
    return placed;
  });
}

/**
 * @param {Group['bars']} bars
 * @param {number} at index of its axes
 * @param {Theme} theme
 * @returns {BarSeriesOption}
 */
function barsOf(bars, at, theme) {
  return {
    ...{ type: 'bar', xAxisIndex: at, yAxisIndex: at, barWidth: bar.height, barMinHeight: 1 },
    data: bars.map(({ median, own }) => ({
      value: median,
      itemStyle: { color: own ? theme.own : theme.other, borderRadius: 2 },
    })),
  };
}

/**
 * The whisker of each bar, and behind it the number.
 * @param {Group['bars']} bars
 * @param {number} at index of its axes
 * @param {Theme} theme
 * @param {number} digits
 * @returns {CustomSeriesOption}
 */
function endsOf(bars, at, theme, digits) {
  return {
    ...{ type: 'custom', xAxisIndex: at, yAxisIndex: at, clip: false, z: 3 },
    data: bars.map(({ median, min, max }, i) => [median, i, min, max]),
    renderItem({ dataIndex }, api) {
      /** @param {number} dimension */
      const placeOf = dimension => api.coord([api.value(dimension), dataIndex]);
      const [[end = 0, y = 0], [low = 0], [high = 0]] = [placeOf(0), placeOf(2), placeOf(3)];
      const isWide = high - low > 2;
      const whisker = isWide ? `M${low} ${y}H${high}M${low} ${y - 3}v6M${high} ${y - 3}v6` : '';
      const { median, own } = bars[dataIndex] ?? {};
      const font = { fill: theme.text, fontSize: 11, fontWeight: own ? 600 : 400 };
      return {
        type: 'group',
        children: [
          { type: 'path', shape: { pathData: whisker }, style: { stroke: theme.whisker, fill: 'none' } },
          {
            ...{ type: 'text', x: (isWide ? Math.max(end, high) : end) + 6, y },
            style: { text: number(median, digits), verticalAlign: 'middle', ...font },
          },
        ],
      };
    },
  };
}
