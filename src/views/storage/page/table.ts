import type { ColumnId, TableReport, TableRow } from '../messages.js';
import { element } from './dom.js';
import { editor, rowButton } from './editor.js';

interface Order {
  column: ColumnId;
  descending: boolean;
}

const SHOWN = 100;
const NUMBERS: readonly ColumnId[] = ['files', 'size', 'added', 'unique'];

/** The table of snapshots. A click on a heading sorts by it, a second one the other way round. */
export class SnapshotTable {
  readonly root = element('section', { class: 'card', 'aria-labelledby': 'snapshots-title' });
  private readonly heads = new Map<ColumnId, HTMLTableCellElement>();
  private readonly body = element('tbody');
  private readonly more: HTMLButtonElement;
  private readonly collator = new Intl.Collator(undefined, { numeric: true });
  private readonly several: boolean;
  private all = false;
  private order: Order;

  constructor(private readonly table: TableReport) {
    this.several = new Set(table.rows.map(row => row.cells.source.text)).size > 1;
    this.order = savedOrder(this.columns()) ?? { column: 'when', descending: true };
    this.more = element('button', { type: 'button', class: 'secondary' }, table.showAll);
    this.more.addEventListener('click', () => {
      this.all = true;
      this.fill();
    });
    const head = element(
      'tr',
      {},
      ...this.columns().map(({ id, text, hint }) => this.heading(id, text, hint)),
      element('th', { scope: 'col', class: 'actions' }, element('span', { class: 'unseen' }, table.actionsTitle)),
    );
    const grid = element('table', { 'aria-labelledby': 'snapshots-title' }, element('thead', {}, head), this.body);
    this.root.append(
      element('h2', { id: 'snapshots-title' }, table.title),
      element('p', { class: 'note' }, table.note),
      element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-labelledby': 'snapshots-title' }, grid),
      this.more,
    );
    this.fill();
  }

  private columns(): TableReport['columns'] {
    return this.table.columns.filter(({ id }) => id !== 'source' || this.several);
  }

  private heading(id: ColumnId, text: string, hint: string): HTMLTableCellElement {
    const arrow = element('span', { class: 'arrow', 'aria-hidden': 'true' });
    const sort = element('button', { type: 'button', class: 'sort', ...(hint ? { title: hint } : {}) }, text, arrow);
    sort.addEventListener('click', () => this.sortBy(id));
    const head = element('th', { scope: 'col', ...(NUMBERS.includes(id) ? { class: 'number' } : {}) }, sort);
    this.heads.set(id, head);
    return head;
  }

  private sortBy(column: ColumnId): void {
    const { order } = this;
    // Of sizes and times the largest are looked for, of words the first.
    const descending = order.column === column ? !order.descending : column === 'when' || NUMBERS.includes(column);
    this.order = { column, descending };
    editor.setState({ order: this.order });
    this.fill();
  }

  private fill(): void {
    const { column, descending } = this.order;
    for (const [id, head] of this.heads) {
      head.setAttribute('aria-sort', id !== column ? 'none' : descending ? 'descending' : 'ascending');
    }
    const rows = this.table.rows.toSorted((a, b) => this.compare(a, b) * (descending ? -1 : 1));
    const shown = this.all ? rows : rows.slice(0, SHOWN);
    this.body.replaceChildren(...shown.map(row => this.row(row)));
    this.more.hidden = shown.length === rows.length;
  }

  private compare({ cells: a }: TableRow, { cells: b }: TableRow): number {
    const [one, other] = [a[this.order.column].order, b[this.order.column].order];
    const first =
      typeof one === 'number' && typeof other === 'number'
        ? one - other
        : this.collator.compare(String(one), String(other));
    return first || Number(a.when.order) - Number(b.when.order);
  }

  private row(row: TableRow): HTMLTableRowElement {
    const { id, label, marks, cells } = row;
    const opener = this.opener(row);
    const made = element(
      'tr',
      {},
      ...this.columns().map(column => {
        const { text, hint } = cells[column.id];
        if (column.id !== 'when') {
          const title = hint === undefined ? {} : { title: hint };
          return element('td', { class: NUMBERS.includes(column.id) ? 'number' : column.id, ...title }, text);
        }
        const facts = [
          label === '' ? undefined : element('span', { class: 'label' }, label),
          ...marks.map(mark => element('span', { class: 'mark' }, mark)),
        ];
        return element('th', { scope: 'row', title: id }, element('span', { class: 'when' }, text), ...facts);
      }),
      element('td', { class: 'actions' }, opener),
    );
    opener.addEventListener('click', () => this.toggle(made, row, opener));
    return made;
  }

  private opener({ cells }: TableRow): HTMLButtonElement {
    const name = `${this.table.actionsTitle}: ${cells.when.text}`;
    const attributes = { type: 'button', class: 'open', 'aria-expanded': 'false', 'aria-label': name };
    return element('button', { ...attributes, title: this.table.actionsTitle }, '⋯');
  }

  // One row's at a time, in a row of their own: there is room for their whole names, also in a narrow editor.
  private toggle(row: HTMLTableRowElement, { id, actions }: TableRow, opener: HTMLButtonElement): void {
    const isOpen = opener.getAttribute('aria-expanded') === 'true';
    this.closeActions();
    if (isOpen) return;
    opener.setAttribute('aria-expanded', 'true');
    const all = element('div', { class: 'buttons' }, ...actions.map(action => rowButton(action, id)));
    const line = element('td', { colspan: String(row.cells.length) }, all);
    row.after(element('tr', { class: 'of-row' }, line));
    row.classList.add('opened');
  }

  private closeActions(): void {
    for (const line of this.body.querySelectorAll('.of-row')) line.remove();
    for (const row of this.body.querySelectorAll('.opened')) row.classList.remove('opened');
    for (const opener of this.body.querySelectorAll('.open')) opener.setAttribute('aria-expanded', 'false');
  }
}

// What an older version of the page may have kept is looked at as well.
function savedOrder(columns: TableReport['columns']): Order | undefined {
  const { order } = (editor.getState() ?? {}) as { order?: Partial<Order> };
  const column = columns.find(({ id }) => id === order?.column)?.id;
  return column && { column, descending: order?.descending === true };
}
