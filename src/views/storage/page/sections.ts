import type { Figure, OffsiteReport, RetentionReport, StorageReport, VerifyReport } from '../messages.js';
import { element } from './dom.js';
import { button, buttons } from './editor.js';

export function header({ title, location, measured, warning, buttons: all }: StorageReport): HTMLElement {
  return element(
    'header',
    {},
    element('h1', {}, title),
    element('p', { class: 'location' }, element('code', {}, location), ` · ${measured}`),
    warning === '' ? undefined : element('p', { class: 'warning', role: 'alert' }, warning),
    buttons(all),
  );
}

export function figures(all: readonly Figure[], kind = 'figures'): HTMLElement {
  return element(
    'dl',
    { class: kind },
    ...all.map(({ label, value, note, main }) =>
      element(
        'div',
        { class: main ? 'figure main' : 'figure' },
        element('dt', {}, label),
        element('dd', {}, element('span', { class: 'value' }, value), element('span', { class: 'note' }, note)),
      ),
    ),
  );
}

export function retention(report: RetentionReport): HTMLElement {
  const list = (title: string, items: readonly string[], more = ''): HTMLElement | undefined =>
    items.length === 0
      ? undefined
      : element(
          'div',
          {},
          element('h3', {}, title),
          element('ul', { class: 'plain' }, ...items.map(item => element('li', {}, item))),
          more === '' ? undefined : element('p', { class: 'note' }, more),
        );
  return element(
    'section',
    { class: 'card', 'aria-labelledby': 'retention-title' },
    element('h2', { id: 'retention-title' }, report.title),
    element('p', {}, report.summary),
    element(
      'div',
      { class: 'columns' },
      list(report.goTitle, report.going, report.more),
      list(report.stayTitle, report.reasons),
    ),
    buttons(report.buttons),
  );
}

export function verify(report: VerifyReport): HTMLElement {
  return element(
    'section',
    { class: 'card', 'aria-labelledby': 'verify-title' },
    element('h2', { id: 'verify-title' }, report.title),
    element('p', report.alarming ? { class: 'warning' } : {}, report.summary),
    element('p', { class: 'note' }, report.note),
    element('div', { class: 'buttons' }, button(report.button)),
  );
}

export function offsite(report: OffsiteReport): HTMLElement {
  const { title, repository, summary, alarming, facts, note } = report;
  return element(
    'section',
    { class: 'card', id: OFFSITE, 'aria-labelledby': 'offsite-title' },
    element(
      'h2',
      { id: 'offsite-title' },
      title,
      repository === '' ? undefined : element('span', { class: 'detail' }, repository),
    ),
    summary === '' ? undefined : element('p', alarming ? { class: 'warning' } : {}, summary),
    facts.length === 0 ? undefined : figures(facts, 'facts'),
    note === '' ? undefined : element('p', { class: 'note' }, note),
    buttons(report.buttons),
  );
}

/** Shows what has changed of it, and leaves the rest of the page, and the focus, where they are. */
export function renewOffsite(page: HTMLElement, report: OffsiteReport): void {
  const old = page.querySelector(`#${OFFSITE}`);
  if (!old) return;
  const at = [...old.querySelectorAll('button')].findIndex(one => one === document.activeElement);
  const renewed = offsite(report);
  old.replaceWith(renewed);
  // A page that is not in use would take the focus from where the user types.
  if (document.hasFocus()) renewed.querySelectorAll('button')[at]?.focus();
}

const OFFSITE = 'offsite';
