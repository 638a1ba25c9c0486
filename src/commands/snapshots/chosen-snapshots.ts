import * as vscode from 'vscode';
import type { SnapshotArgument, SourceItem } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import type { Catalog } from '../../host/catalog/catalog.js';
import { addressOf, resolveTarget } from './targets.js';

/** A snapshot with the source that it is of. */
export interface ChosenSnapshot {
  source: SourceInfo;
  snapshot: SnapshotInfo;
}

/** The engine's name of one snapshot. A script's id is passed on as it is. Rejects what is only a part of a snapshot. */
export async function snapshotName(catalog: Catalog, argument: SnapshotArgument): Promise<string> {
  if (typeof argument === 'string') return argument;
  const { found } = await resolveTarget(catalog, argument);
  // Who has a file selected does not mean the whole snapshot.
  if (found.path !== '') throw new PhlbError('usage', vscode.l10n.t('Choose a snapshot.'), { path: found.path });
  return found.snapshot.id;
}

/**
 * The engine's names of the snapshots that a command is for, each once, the first one first.
 * @param more a script's further ids, one or several, or the selected nodes, of which those of no snapshot are passed over
 */
export async function snapshotNames(catalog: Catalog, first: SnapshotArgument, more: unknown): Promise<string[]> {
  const names = [await snapshotName(catalog, first)];
  for (const other of Array.isArray(more) ? more : [more]) {
    if (typeof other === 'string') names.push(other);
    const uri = addressOf(other);
    const found = uri && (await catalog.resolve(uri));
    if (found?.path === '') names.push(found.snapshot.id);
  }
  return [...new Set(names)];
}

/** Snapshots by their ids. Rejects with code `notFound`. */
export async function findSnapshots(catalog: Catalog, ids: readonly string[]): Promise<ChosenSnapshot[]> {
  return lookTwice(catalog, sources =>
    ids.map(id => {
      for (const source of sources) {
        const snapshot = source.snapshots.find(candidate => candidate.id === id);
        if (snapshot) return { source, snapshot };
      }
      throw new PhlbError('notFound', vscode.l10n.t('There is no snapshot {0}', id));
    }),
  );
}

/** A source by its node or name. Rejects with code `notFound`. */
export async function findSource(catalog: Catalog, argument: SourceItem | string): Promise<SourceInfo> {
  const name = typeof argument === 'string' ? argument : argument.sourceName;
  return lookTwice(catalog, sources => {
    const source = sources.find(candidate => candidate.name === name);
    if (!source) throw new PhlbError('notFound', vscode.l10n.t('There is no source {0}', name));
    return source;
  });
}

// What is not in the list may have come since it was asked for, from another window or the command line.
async function lookTwice<T>(catalog: Catalog, find: (sources: readonly SourceInfo[]) => T): Promise<T> {
  try {
    return find((await catalog.list()).sources);
  } catch (error) {
    if (!PhlbError.is(error, 'notFound')) throw error;
    return find((await catalog.listAgain()).sources);
  }
}
