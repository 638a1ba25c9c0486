import * as vscode from 'vscode';
import type { DateFormat } from '../../host/editor/dates.js';
import type { Action, Messages } from '../../host/editor/messages.js';
import { pick, type PickItem } from '../../host/editor/pick-list.js';
import type { ChangedFile } from './changed-files.js';
import { allPages, pageOf, type Page } from './pages.js';

interface PageItem extends PickItem {
  number: number;
}

/** Changed files in the multi-diff editor, page by page: of a thousand at once the window stands still for half a minute. */
export class ChangedPages {
  /** the heading of the page that is shown */
  private heading: string | undefined;

  constructor(
    private readonly title: string,
    private readonly files: readonly ChangedFile[],
    private readonly dates: DateFormat,
    private readonly messages: Messages,
  ) {}

  /** Shows a page in the place of the one before. @param number counted from 0 */
  async show(number = 0): Promise<void> {
    const page = pageOf(this.files, number);
    const isAll = page.items.length === page.total;
    const heading = isAll ? this.title : `${this.title} · ${this.span(page)}`;
    const before = this.heading;
    this.heading = heading;
    const rows = page.items.map(({ row }) => row);
    await vscode.commands.executeCommand('vscode.changes', heading, rows);
    if (before !== undefined && before !== heading) await closeTab(before);
    if (!isAll) this.tell(page, number);
  }

  private tell(page: Page<ChangedFile>, number: number): void {
    const next: Action = {
      title: vscode.l10n.t('Next {0}', this.dates.number(page.next)),
      run: () => this.show(number + 1),
    };
    const other: Action = { title: vscode.l10n.t('Other Page…'), run: () => this.choose() };
    this.messages.info(
      vscode.l10n.t('Of the changed files, {0} are shown.', this.span(page)),
      page.next > 0 ? [next, other] : [other],
    );
  }

  private async choose(): Promise<void> {
    const items: PageItem[] = allPages(this.files).map((page, number) => ({
      label: this.span(page),
      description: `${page.items.at(0)?.path ?? ''} … ${page.items.at(-1)?.path ?? ''}`,
      number,
    }));
    const picked = await pick(items, { title: this.title, placeHolder: vscode.l10n.t('Which files to show') });
    if (picked) await this.show(picked.number);
  }

  // `101–200 of 1,000`
  private span({ first, last, total }: Page<ChangedFile>): string {
    const { dates } = this;
    return vscode.l10n.t('{0}–{1} of {2}', dates.number(first), dates.number(last), dates.number(total));
  }
}

// The editor adds the number of files to the heading.
async function closeTab(heading: string): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap(group => group.tabs);
  const found = tabs.find(({ label }) => label.startsWith(heading));
  if (found) await vscode.window.tabGroups.close(found, true);
}
