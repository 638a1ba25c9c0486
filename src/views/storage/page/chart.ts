import uPlot from 'uplot';
import { DateFormat, usableTimeZone } from '../../../host/editor/dates.js';
import type { ChartReport, StorageReport } from '../messages.js';
import { element } from './dom.js';
import { onThemeChange, themeColor } from './theme.js';
import { timeLabel } from './time-axis.js';

const HEIGHT = 204;
const copiesColor = (): string => themeColor('charts-yellow', 'editorWarning-foreground');
const storedColor = (): string => themeColor('charts-blue', 'textLink-foreground');

/**
 * A chart of apparent against stored size. Told by line style and words as much as by colour; the arrow keys go from
 * snapshot to snapshot and a line of text says what the pointer is at.
 */
export class Chart {
  readonly root: HTMLElement;
  private readonly plot: uPlot | undefined;
  private readonly canvas = element('div', { class: 'canvas' });
  private readonly readout = element('p', { class: 'readout', 'aria-live': 'polite' });
  private readonly dates: DateFormat;
  private readonly endings: (() => void)[] = [];

  constructor(
    private readonly chart: ChartReport,
    private readonly report: StorageReport,
  ) {
    this.dates = new DateFormat(report.language, () => report.locale);
    const frame = element('div', { class: 'chart', tabindex: '0', role: 'img', 'aria-label': chart.description });
    this.root = element('div', {}, this.legend(), frame, this.readout);
    if (chart.points.length < 2) {
      this.root.replaceChildren(element('p', { class: 'note' }, chart.tooFew));
      return;
    }
    frame.append(this.canvas);
    this.plot = new uPlot(this.options(), this.data(), this.canvas);
    this.say(undefined);
    frame.addEventListener('keydown', event => this.key(event));
    this.follow(this.plot, frame);
  }

  dispose(): void {
    for (const end of this.endings) end();
    this.plot?.destroy();
  }

  private follow(plot: uPlot, frame: HTMLElement): void {
    this.endings.push(onThemeChange(() => plot.redraw(false, true)));
    const resized = new ResizeObserver(() => {
      const width = Math.floor(frame.clientWidth);
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT });
    });
    resized.observe(frame);
    this.endings.push(() => resized.disconnect());
  }

  private data(): uPlot.AlignedData {
    const { points } = this.chart;
    return [points.map(({ at }) => at), points.map(({ copies }) => copies), points.map(({ stored }) => stored)];
  }

  private options(): uPlot.Options {
    const { dates } = this;
    const timeZone = usableTimeZone(this.report.timeZone);
    const steps = uPlot.paths.stepped?.({ align: 1 });
    const shape = steps ? { paths: steps } : {};
    const axis: uPlot.Axis = {
      stroke: () => themeColor('descriptionForeground', 'foreground'),
      grid: { stroke: () => themeColor('widget-border', 'panel-border', 'charts-lines'), width: 1 },
      ticks: { show: false },
      font: `11px ${getComputedStyle(document.body).fontFamily}`,
    };
    return {
      width: 600,
      height: HEIGHT,
      // On the right, half of a label that stands at the edge.
      padding: [10, 28, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), timeZone),
      scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.05 : 1] } },
      axes: [
        {
          ...axis,
          // Two lines.
          size: 44,
          space: 90,
          values: (_plot, splits) => timeLabel(splits, this.report),
        },
        {
          ...axis,
          size: 72,
          space: 36,
          values: (_plot, splits) => splits.map(bytes => dates.size(bytes)),
        },
      ],
      series: [
        {},
        {
          ...shape,
          label: this.chart.copiesLabel,
          stroke: copiesColor,
          width: 1.5,
          dash: [6, 4],
          points: { show: false },
        },
        {
          ...shape,
          label: this.chart.storedLabel,
          stroke: storedColor,
          width: 2,
          fill: () => faded(storedColor()),
          points: { show: false },
        },
      ],
      hooks: { setCursor: [plot => this.say(plot.cursor.idx ?? undefined)] },
    };
  }

  private legend(): HTMLElement {
    const last = this.chart.points.at(-1);
    const entry = (kind: string, label: string, bytes: number | undefined): HTMLElement =>
      element(
        'li',
        {},
        element('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }),
        `${label}${bytes === undefined ? '' : `: ${this.dates.size(bytes)}`}`,
      );
    return element(
      'ul',
      { class: 'legend' },
      entry('copies', this.chart.copiesLabel, last?.copies),
      entry('stored', this.chart.storedLabel, last?.stored),
    );
  }

  private say(at: number | undefined): void {
    const point = at === undefined ? undefined : this.chart.points[at];
    const { copiesLabel, storedLabel } = this.chart;
    this.readout.textContent = point
      ? `${point.when} · ${copiesLabel}: ${this.dates.size(point.copies)} · ${storedLabel}: ${this.dates.size(point.stored)}`
      : '\u00a0';
  }

  private key(event: KeyboardEvent): void {
    const { plot } = this;
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!plot || step === undefined) return;
    event.preventDefault();
    const last = this.chart.points.length - 1;
    const from = plot.cursor.idx ?? (step < 0 ? last + 1 : -1);
    const at = Math.min(last, Math.max(0, from + step));
    plot.setCursor({ left: plot.valToPos(this.chart.points[at]?.at ?? 0, 'x'), top: plot.height / 2 });
  }
}

// Themes give colours as #rrggbb, some with transparency of their own.
function faded(color: string): string {
  return /^#[0-9a-f]{6}$/i.test(color) ? `${color}40` : 'transparent';
}
