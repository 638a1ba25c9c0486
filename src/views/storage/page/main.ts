import type { StorageReport, ToPage } from '../messages.js';
import { Chart } from './chart.js';
import { element } from './dom.js';
import { button, buttons, editor } from './editor.js';
import { ProgressLine } from './progress-line.js';
import { figures, header, retention, verify } from './sections.js';
import { SnapshotTable } from './table.js';

start(document.getElementById('page') ?? document.body);

function start(page: HTMLElement): void {
  const progress = new ProgressLine();
  let charts: Chart[] = [];
  let hasReport = false;
  const clear = (): void => {
    for (const chart of charts) chart.dispose();
    charts = [];
    hasReport = false;
  };
  window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
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
      charts = data.report.sources.map(({ chart }) => new Chart(chart, data.report));
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

function reportSections(report: StorageReport, charts: readonly Chart[]): HTMLElement[] {
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
