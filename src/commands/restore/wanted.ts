import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import type { RestoreRequest, SourceInfo, StoreLocation } from '../../engine/words/model.js';
import { isAtOrBelow } from '../../engine/words/repositories.js';
import type { ResolvedPath } from '../../host/catalog/catalog.js';
import { namedAndMore } from '../../host/catalog/safety-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { plainText } from '../../host/editor/plain-text.js';
import { targetName } from '../snapshots/targets.js';

/** What of one source is to be restored: one path, or several, of one snapshot or of several. */
export interface Wanted {
  source: SourceInfo;
  places: readonly [ResolvedPath, ...ResolvedPath[]];
  /** what it is called, for people, and plain */
  name: string;
  /** when the snapshot was taken, for people */
  when: string;
  /** what its paths are said relative to, relative to the source */
  folder: string;
}

/** Rejects what is of several sources, and nothing at all. */
export function wantedOf(places: readonly ResolvedPath[], dates: DateFormat): Wanted {
  const [first, ...rest] = places;
  if (!first) throw new PhlbError('usage', vscode.l10n.t('Choose a file in a snapshot to restore.'));
  const { source, snapshot } = first;
  if (rest.some(place => place.source.name !== source.name)) {
    throw new PhlbError('usage', vscode.l10n.t('Choose files of one source to restore them together.'));
  }
  const isOneSnapshot = rest.every(place => place.snapshot.id === snapshot.id);
  return {
    source,
    places: [first, ...rest],
    name: rest.length === 0 ? targetName(first) : plainText(namedAndMore(first.path, rest.length, dates)),
    when: isOneSnapshot ? dates.short(new Date(snapshot.startedAt)) : vscode.l10n.t('from several snapshots'),
    folder: rest.length === 0 ? first.path : '',
  };
}

/** A part of it: paths that are at or below those that were wanted. */
export function partOf({ places }: Wanted, paths: readonly string[], dates: DateFormat): Wanted {
  const part = paths.flatMap(path => {
    const place = places.find(one => one.path === '' || isAtOrBelow(path, one.path));
    return place ? [{ ...place, path }] : [];
  });
  return wantedOf(part, dates);
}

/** The engine's words for it. */
export function requestOf({ places }: Wanted, location: StoreLocation): RestoreRequest {
  const [first] = places;
  const ids = [...new Set(places.map(({ snapshot }) => snapshot.id))];
  const partOfSnapshot = (id: string): { snapshot: string; paths: string[] } => {
    const paths = places.filter(({ snapshot }) => snapshot.id === id).map(({ path }) => path);
    return { snapshot: id, paths: paths.includes('') ? [] : paths };
  };
  const also = ids.slice(1).map(partOfSnapshot);
  return { location, ...partOfSnapshot(first.snapshot.id), ...(also.length > 0 ? { also } : {}) };
}
