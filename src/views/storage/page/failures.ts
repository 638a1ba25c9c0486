import { element } from './dom.js';
import { editor } from './editor.js';

const notice = element('p', { class: 'warning failure', role: 'alert' });

/** Says in the page what has gone wrong in its script, and tells the extension: it must never just stay blank. */
export function tellFailure(error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const { failure = '{0}' } = document.documentElement.dataset;
  notice.textContent = failure.replace('{0}', () => text);
  document.body.prepend(notice);
  editor.postMessage({ kind: 'failed', text: error instanceof Error ? (error.stack ?? text) : text });
}

/** What is shown from now on is whole. */
export function forgetFailures(): void {
  notice.remove();
}

window.addEventListener('error', event => tellFailure(event.error ?? event.message));
window.addEventListener('unhandledrejection', event => tellFailure(event.reason));
