import type { PageAction, PageButton, ToHost } from '../messages.js';
import { element } from './dom.js';

interface EditorApi {
  postMessage(message: ToHost): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

/** The way to the extension; it may be asked for once only. */
export const editor = acquireVsCodeApi();

export function button({ action, text, primary }: PageButton): HTMLButtonElement {
  const made = element('button', { type: 'button', class: primary ? 'primary' : 'secondary' }, text);
  made.addEventListener('click', () => editor.postMessage({ kind: 'action', action: action satisfies PageAction }));
  return made;
}

export function buttons(all: readonly PageButton[]): HTMLElement {
  return element('div', { class: 'buttons' }, ...all.map(button));
}
