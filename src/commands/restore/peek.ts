import { posix } from 'node:path';
import * as vscode from 'vscode';
import { linkDocument } from '../../documents/link-documents.js';
import type { ResolvedPath } from '../../host/catalog/catalog.js';
import { plainText } from '../../host/editor/plain-text.js';
import type { Services } from '../../host/backup/services.js';
import { findTodaysFile, isFileInSnapshot, kindToday } from '../snapshots/targets.js';

/** Shows a past file, against that of today where there is one. The focus stays in the list that it is shown for. */
export async function peek({ catalog, dates }: Services, place: ResolvedPath): Promise<void> {
  if (!(await isFileInSnapshot(place))) return;
  const { storeId } = await catalog.list();
  const past = catalog.address(storeId, place.source, place.snapshot, place.path);
  const file = findTodaysFile(place);
  const kind = file && (await kindToday(file));
  const title = `${plainText(posix.basename(past.path))} (${dates.short(new Date(place.snapshot.startedAt))})`;
  const options = { preview: true, preserveFocus: true };
  if (file && (kind === 'file' || kind === 'link')) {
    const now = kind === 'link' ? linkDocument(file) : file;
    const both = `${title} ↔ ${plainText(posix.basename(file.path))}`;
    await vscode.commands.executeCommand('vscode.diff', past, now, both, options);
  } else await vscode.commands.executeCommand('vscode.open', past, options, title);
}
