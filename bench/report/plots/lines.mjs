// Lines over a range of sizes or over time, in panels side by side.
/** @import { LineSeriesOption } from 'echarts' */
/** @import { Theme } from '../../types.js' */
import { drawChart, heading, numbers, width } from './chart.mjs';

const perRow = 2;
const panelSize = { width: width / perRow, height: 270 };
/** px around the lines of a panel; at their right stand their names */
const around = { left: 46, right: 132, top: 50, bottom: 44 };
const headHeight = 18;
/** A line of more points than that has no dots. */
const dotted = 12;

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {[number, number][]} points
 * @property {boolean} [own] it is PHLB's
 */

/**
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} xLabel
 * @property {Series[]} series
 * @property {boolean} [log] both axes by powers of ten
 * @property {boolean} [logX] this one only
 * @property {{ y: number, label: string }} [limit] a goal
 */

/**
 * @param {{ title: string, panels: Panel[] }} figure
 * @returns {(theme: Theme) => string} draws it in a theme's colours
 */
export function lineFigure({ title, panels }) {
  const height = headHeight + Math.ceil(panels.length / perRow) * panelSize.height;
  return theme => {
    const head = drawChart(headHeight, { title: heading(title, { left: 0, top: 2, size: 14, color: theme.text }) });
    // A chart each: ECharts moves the names at the ends of lines apart in the whole of a chart.
    const parts = panels.map((panel, i) => {
      const [x, y] = [(i % perRow) * panelSize.width, headHeight + Math.floor(i / perRow) * panelSize.height];
      return `<g transform="translate(${x} ${y})">${drawPanel(panel, theme)}</g>\n`;
    });
    const frame = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${frame}>\n${head}\n${parts.join('')}</svg>\n`;
  };
}

/**
 * @param {Panel} panel
 * @param {Theme} theme
 */
function drawPanel({ title, xLabel, series, log = false, logX = log, limit }, theme) {
  const colours = coloursOf(series, theme);
  const axis = { axisLabel: numbers(theme), axisLine: { show: false }, axisTick: { show: false } };
  return drawChart(
    panelSize.height,
    {
      title: heading(title, { left: 0, top: 14, size: 13, color: theme.text }),
      grid: { ...around, outerBoundsMode: 'none' },
      xAxis: {
        ...axis,
        ...{ type: logX ? 'log' : 'value', min: logX ? 'dataMin' : 0, max: 'dataMax', splitLine: { show: false } },
        ...{ name: xLabel, nameLocation: 'middle', nameGap: 26, nameTextStyle: { color: theme.quiet, fontSize: 11 } },
      },
      yAxis: { ...axis, type: log ? 'log' : 'value', splitLine: { lineStyle: { color: theme.grid } } },
      series: [
        ...series.map((one, i) => lineOf(one, colours[i] ?? theme.quiet)),
        ...(limit ? [limitOf(limit, theme)] : []),
      ],
    },
    panelSize.width,
  );
}

/**
 * @param {Series} series
 * @param {string} color
 * @returns {LineSeriesOption}
 */
function lineOf({ label, points, own = false }, color) {
  return {
    ...{ type: 'line', data: points, color, clip: false },
    ...{ showSymbol: points.length <= dotted, symbol: 'circle', symbolSize: 6 },
    lineStyle: { width: own ? 2.5 : 1.75 },
    // PHLB's own above the others.
    z: own ? 3 : 2,
    endLabel: { show: true, formatter: label, color, fontSize: 12, fontWeight: own ? 600 : 400, distance: 8 },
    labelLayout: { moveOverlap: 'shiftY' },
  };
}

/**
 * @param {{ y: number, label: string }} limit
 * @param {Theme} theme
 * @returns {LineSeriesOption}
 */
function limitOf({ y, label }, { quiet }) {
  return {
    type: 'line',
    markLine: {
      ...{ symbol: 'none', silent: true, data: [{ yAxis: y }], lineStyle: { type: 'dashed', color: quiet } },
      label: { formatter: label, position: 'insideStartTop', color: quiet, fontSize: 11 },
    },
  };
}

/**
 * @param {Series[]} series
 * @param {Theme} theme
 */
function coloursOf(series, theme) {
  const others = series.filter(({ own }) => !own);
  return series.map(one => (one.own ? theme.own : theme.series[others.indexOf(one) % theme.series.length]));
}
