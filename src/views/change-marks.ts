/**
 * Letters, colours and words of what has changed since the snapshot before. A tree node's `resourceUri` is its address with
 * the mark as its query: past files in editors, which have the bare address, are not decorated, where an "M" would look
 * like one of git's.
 */
import * as vscode from 'vscode';
import { SCHEME } from '../contributions.js';
import { movedFrom, type ChangedEntry, type Mark } from '../host/catalog/change-tree.js';

/** `contains`: a folder with changes below; `gone`: a file that is not there today */
export type ShownMark = Mark | 'contains' | 'gone';

export function shownMark(entry: ChangedEntry): ShownMark | undefined {
  return entry.mark ?? (entry.hasBelow ? 'contains' : undefined);
}

/** The `resourceUri` of a tree node. */
export function markedUri(uri: vscode.Uri, mark: ShownMark | undefined): vscode.Uri {
  return mark === undefined ? uri : uri.with({ query: `${QUERY}${mark}` });
}

/** Draws the marks of all trees. */
export function registerMarks(): vscode.Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration({ scheme, query }) {
      if (scheme !== SCHEME || !query.startsWith(QUERY)) return undefined;
      return decorations()[query.slice(QUERY.length) as ShownMark];
    },
  });
}

/** Beside the name, where the letter alone does not say it. */
export function markDescription({ mark, path, from }: ChangedEntry): string | undefined {
  if (mark === 'moved' && from !== undefined) return vscode.l10n.t('from {0}', movedFrom(path, from));
  if (mark === 'removed') return vscode.l10n.t('deleted');
  return mark === 'unstored' ? vscode.l10n.t('no longer stored') : undefined;
}

/** A whole sentence, for tooltips and screen readers. */
export function markText(entry: ChangedEntry): string | undefined {
  if (entry.mark === 'moved' && entry.from !== undefined) {
    return vscode.l10n.t('Moved from {0} since the previous snapshot', movedFrom(entry.path, entry.from));
  }
  const mark = shownMark(entry);
  return mark && decorations()[mark].tooltip;
}

const QUERY = 'change=';

function decorations(): Record<ShownMark, vscode.FileDecoration> {
  const mark = (badge: string, tooltip: string, color: string): vscode.FileDecoration =>
    new vscode.FileDecoration(badge, tooltip, new vscode.ThemeColor(`gitDecoration.${color}ResourceForeground`));
  return {
    added: mark('A', vscode.l10n.t('New since the previous snapshot'), 'added'),
    modified: mark('M', vscode.l10n.t('Modified since the previous snapshot'), 'modified'),
    moved: mark('R', vscode.l10n.t('Moved since the previous snapshot'), 'renamed'),
    removed: mark('D', vscode.l10n.t('Deleted since the previous snapshot'), 'deleted'),
    gone: mark('D', vscode.l10n.t('Deleted by now'), 'deleted'),
    unstored: mark('–', vscode.l10n.t('No longer stored: left out by the rules, or not readable'), 'ignored'),
    contains: mark('•', vscode.l10n.t('Contains changes since the previous snapshot'), 'modified'),
  };
}
