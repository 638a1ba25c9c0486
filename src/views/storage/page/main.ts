// First of all: what comes after it is loaded with both in place.
import { forgetFailures, tellFailure } from './failures.js';
import './locale.js';
import type { ChartReport, StorageReport, ToPage } from '../messages.js';
import { Chart } from './chart.js';
import { element } from './dom.js';
import { button, buttons, editor } from './editor.js';
import { ProgressLine } from './progress-line.js';
import { figures, header, offsite, renewOffsite, retention, verify } from './sections.js';
import { SnapshotTable } from './table.js';

start(document.getElementById('page') ?? document.body);

function start(page: HTMLElement): void {
  const progress = new ProgressLine();
  let charts: (Chart | undefined)[] = [];
  let hasReport = false;
  const clear = (): void => {
    for (const chart of charts) chart?.dispose();
    charts = [];
    hasReport = false;
  };
  window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
    if (data.kind === 'offsite') return renewOffsite(page, data.report);
    page.setAttribute('aria-busy', String(data.kind === 'measuring'));
    page.querySelector('.stale')?.remove();
    if (data.kind === 'measuring') {
      progress.show(data);
      // Older numbers stay to be read while new ones are made.
      if (!progress.root.isConnected) {
        if (hasReport) page.prepend(progress.root);
        else page.replaceChildren(progress.root);
      }
    } else if (data.kind === 'stale') {
      page.prepend(element('div', { class: 'stale', role: 'status' }, data.text, button(data.button)));
    } else if (data.kind === 'problem') {
      clear();
      page.replaceChildren(problem(data));
    } else {
      const at = window.scrollY;
      clear();
      forgetFailures();
      charts = data.report.sources.map(({ chart }) => draw(chart, data.report));
      hasReport = true;
      page.replaceChildren(...reportSections(data.report, charts));
      window.scrollTo(0, at);
      // After it has been painted.
      requestAnimationFrame(() => {
        setTimeout(() => editor.postMessage({ kind: 'shown', report: data.report.number }), 0);
      });
    }
  });
  editor.postMessage({ kind: 'ready' });
}

// Without its chart a source still has its numbers.
function draw(chart: ChartReport, report: StorageReport): Chart | undefined {
  try {
    return new Chart(chart, report);
  } catch (error) {
    tellFailure(error);
    return undefined;
  }
}

function reportSections(report: StorageReport, charts: readonly (Chart | undefined)[]): HTMLElement[] {
  return [
    header(report),
    figures(report.figures),
    ...report.sources.map(({ name, detail, facts }, at) =>
      element(
        'section',
        { class: 'card source', 'aria-label': name },
        element('h2', {}, name, element('span', { class: 'detail' }, detail)),
        element('p', { class: 'note' }, facts),
        charts[at]?.root,
      ),
    ),
    element('div', { class: 'pair' }, retention(report.retention), verify(report.verify)),
    offsite(report.offsite),
    new SnapshotTable(report.table).root,
  ];
}

function problem({ title, text, buttons: all }: Extract<ToPage, { kind: 'problem' }>): HTMLElement {
  return element(
    'div',
    { class: 'problem', role: 'status' },
    element('h1', {}, title),
    element('p', {}, text),
    buttons(all),
  );
}
