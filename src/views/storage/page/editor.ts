import type { PageAction, PageButton, RowButton, ToHost } from '../messages.js';
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

/** @param id of the snapshot that it is for */
export function rowButton({ action, text }: RowButton, id: string): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'secondary' }, text);
  made.addEventListener('click', () => editor.postMessage({ kind: 'row', action, id }));
  return made;
}

export function buttons(all: readonly PageButton[]): HTMLElement {
  return element('div', { class: 'buttons' }, ...all.map(button));
}
