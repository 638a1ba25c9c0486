import type { ToPage } from '../messages.js';
import { element } from './dom.js';
import { button } from './editor.js';

/** How far measuring has come. */
export class ProgressLine {
  private readonly bar = element('progress', { max: '1' });
  private readonly text = element('span');
  private readonly end = element('span');
  readonly root = element('div', { class: 'measuring', role: 'status' }, this.bar, this.text, this.end);

  show({ text, fraction, cancel }: Extract<ToPage, { kind: 'measuring' }>): void {
    if (!this.end.hasChildNodes()) this.end.append(button(cancel));
    this.text.textContent = text;
    this.bar.setAttribute('aria-label', text);
    if (fraction === null) this.bar.removeAttribute('value');
    else this.bar.value = fraction;
  }
}
