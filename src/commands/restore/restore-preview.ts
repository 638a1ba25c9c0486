import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { PathError, RestoreResult, SourceInfo } from '../../engine/words/model.js';
import { leavesOf } from '../../engine/words/leaves.js';
import { compareNames, relativeInside } from '../../engine/words/names.js';
import { dirtyEditors } from '../../host/editor/dirty-editors.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { plainText } from '../../host/editor/plain-text.js';
import { pathErrorText } from './path-error-text.js';

const NAMES = 3;

export interface RestorePreview {
  /** what a plain restore does */
  plain: RestoreResult;
  /** what came later: removed only if the user says so */
  newer: { path: string }[];
  /** of that, what only has got another name, with the one that it had then */
  renamed: ReadonlyMap<string, string>;
  isFile: boolean;
}

/** What a restore puts there and replaces, as people count it: folders only where nothing in them is listed itself. */
export function changesOf({ created, overwritten }: RestoreResult): string[] {
  return leavesOf([...overwritten, ...created].map(({ path }) => path).sort(compareNames));
}

/** Whether carrying it out would change anything. */
export function isIdle({ created, overwritten, deleted }: RestoreResult): boolean {
  return created.length + overwritten.length + deleted.length === 0;
}

/**
 * `3 (a.md, b.md, c.md)`, `12 (a.md, b.md, c.md, …)`. Folders count only where nothing in them is listed itself.
 * @param folder what the paths are said relative to
 */
export function listing(all: readonly { path: string }[], folder: string, dates: DateFormat): string {
  const paths = leavesOf(all.map(({ path }) => path));
  const names = paths.slice(0, NAMES).map(path => shortPath(path, folder));
  if (paths.length > NAMES) names.push('…');
  return `${dates.number(paths.length)} (${names.join(', ')})`;
}

/** `1 (letter.md → letters/letter.md)` */
export function listingOfRenamed(renamed: ReadonlyMap<string, string>, folder: string, dates: DateFormat): string {
  const names = [...renamed]
    .slice(0, NAMES)
    .map(([path, from]) => `${shortPath(from, folder)} → ${shortPath(path, folder)}`);
  if (renamed.size > NAMES) names.push('…');
  return `${dates.number(renamed.size)} (${names.join(', ')})`;
}

/** What cannot be restored, and why, for the first of them. */
export function listingOfErrors(errors: readonly PathError[], folder: string, dates: DateFormat): string {
  const [first] = errors;
  if (!first) return '';
  const why = `${shortPath(first.path, folder)}: ${plainText(pathErrorText(first))}`;
  return errors.length === 1 ? why : vscode.l10n.t('{0}, and {1} more', why, dates.number(errors.length - 1));
}

/** What is left on purpose, and why. */
export function leftText({ left }: RestoreResult, dates: DateFormat): string {
  const repositories = left.filter(({ reason }) => reason === 'repository');
  const changed = left.filter(({ reason }) => reason === 'changed');
  const texts = [
    repositories.length > 0
      ? vscode.l10n.t('Git repositories are left as they are: {0}.', listing(repositories, '', dates))
      : '',
    changed.length > 0
      ? vscode.l10n.t('Left, since somebody else has changed it: {0}.', listing(changed, '', dates))
      : '',
  ];
  return texts.filter(text => text !== '').join(' ');
}

/** The files with unsaved changes that a restore into the source's folder would touch. */
export function dirtyIn({ source }: SourceInfo, { overwritten, created, deleted }: RestoreResult): vscode.Uri[] {
  const affected = new Set([...overwritten, ...created, ...deleted].map(({ path }) => path));
  return dirtyEditors(source).filter(uri => affected.has(relativeInside(source, uri.fsPath) ?? ''));
}

/** A message, and what is left on purpose. */
export function withLeft(text: string, result: RestoreResult, dates: DateFormat): string {
  return result.left.length === 0 ? text : `${text} ${leftText(result, dates)}`;
}

/** What must be known of open editors before their files are replaced. */
export function unsavedText(dirty: readonly vscode.Uri[]): string {
  return vscode.l10n.t(
    'Unsaved changes: {0}. If you save them first, the safety snapshot keeps them too; if you discard them, they are lost.',
    dirty.map(uri => plainText(posix.basename(uri.path))).join(', '),
  );
}

/** A preview parted into what a plain restore does and what only comes with removing what is newer. */
export function partRemovals(preview: RestoreResult): { plain: RestoreResult; newer: { path: string }[] } {
  const replaced = new Set(preview.overwritten.map(({ path }) => path));
  const isReplaced = ({ path }: { path: string }): boolean => {
    const parts = path.split('/');
    return parts.some((_, at) => at > 0 && replaced.has(parts.slice(0, at).join('/')));
  };
  return {
    plain: {
      ...preview,
      deleted: preview.deleted.filter(isReplaced),
      left: preview.left.filter(one => !one.newer),
    },
    newer: preview.deleted.filter(one => !isReplaced(one)),
  };
}

function shortPath(path: string, folder: string): string {
  const inside = folder !== '' && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
  return plainText(inside === '' ? '.' : inside);
}
