import type * as vscode from 'vscode';
import { linkDocument } from '../../documents/link-documents.js';
import type { Change } from '../../engine/index/changes.js';
import type { DiffResult } from '../../engine/diff.js';
import { repositoryOf } from '../../engine/words/repositories.js';
import type { SourceInfo } from '../../engine/words/model.js';
import { findTodaysFile } from '../snapshots/targets.js';

export interface ChangedFile {
  /** relative to the source */
  path: string;
  /** of the multi-diff editor: what it is called after, and the two sides; a missing one is an empty one */
  row: [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined];
}

export interface Sides {
  older: (path: string) => vscode.Uri;
  /** `undefined`: the files of today */
  newer: ((path: string) => vscode.Uri) | undefined;
  source: SourceInfo;
  /** the folder that is looked at, relative to the source */
  folder: string;
}

export interface ChangedFiles {
  files: ChangedFile[];
  /** git's own files, unless they are what is looked at */
  ofGit: ChangedFile[];
  /** how many of them the editor cannot open */
  unnamed: number;
}

/** The changed contents, in the order of the changes. */
export function changedFiles({ changes }: DiffResult, sides: Sides): ChangedFiles {
  const files: ChangedFile[] = [];
  const ofGit: ChangedFile[] = [];
  const isInGit = repositoryOf(sides.folder) !== undefined;
  let unnamed = 0;
  for (const change of changes) {
    const { path, type, from } = change;
    if (type !== 'file' && type !== 'link') continue;
    const rows = isInGit || repositoryOf(path) === undefined ? files : ofGit;
    if (change.change === 'removed') {
      const left = sides.older(path);
      rows.push({ path, row: [left, left, undefined] });
      continue;
    }
    if (change.change === 'metadata' || change.change === 'unstored') continue;
    const right = newerSide(change, sides);
    if (!right) unnamed++;
    else rows.push({ path, row: [right, change.change === 'added' ? undefined : sides.older(from ?? path), right] });
  }
  return { files, ofGit, unnamed };
}

/** What of it concerns a folder: what lies in it, or has come from there. */
export function changesBelow(folder: string, result: DiffResult): DiffResult {
  if (folder === '') return result;
  const isBelow = (path: string | undefined): boolean => path === folder || (path?.startsWith(`${folder}/`) ?? false);
  const changes = result.changes.filter(({ path, from }) => isBelow(path) || isBelow(from));
  const counts = { ...result.counts };
  for (const kind of Object.keys(counts) as Change['change'][]) {
    counts[kind] = changes.filter(({ change }) => change === kind).length;
  }
  return { ...result, changes, counts, errors: result.errors.filter(({ path }) => isBelow(path)) };
}

// A link of today would otherwise show what it leads to.
function newerSide({ path, type }: Change, { newer, source }: Sides): vscode.Uri | undefined {
  if (newer) return newer(path);
  const file = findTodaysFile({ source, path });
  return file && type === 'link' ? linkDocument(file) : file;
}
