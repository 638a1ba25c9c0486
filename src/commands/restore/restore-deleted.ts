import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { LostFile, LostResult } from '../../engine/lost.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { RestoreResult, SourceInfo } from '../../engine/words/model.js';
import { basename, dirname, join, relativeInside } from '../../engine/words/names.js';
import type { ResolvedPath } from '../../host/catalog/catalog.js';
import { fileCount, snapshotCount } from '../../host/editor/count-text.js';
import type { PickItem } from '../../host/editor/pick-list.js';
import { tick } from '../../host/editor/tick-list.js';
import { withProgress } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import { peek } from './peek.js';
import type { RestoreCommand } from './restore.js';
import { wantedOf } from './wanted.js';

interface DeletedItem extends PickItem {
  place?: ResolvedPath;
}

/** Where to look for deleted files: a folder of a source. */
interface Place {
  source: SourceInfo;
  /** relative to the source */
  folder: string;
}

/** The newest ones: who misses others searches by name. */
const LISTED_AT_MOST = 1000;

/** Restore Deleted Files…: what snapshots hold of a folder and the disk no longer has. */
export class RestoreDeletedCommand {
  constructor(
    private readonly services: Services,
    private readonly restore: RestoreCommand,
  ) {}

  /**
   * @param folders those that are open when none are given
   * @param tell whether a person is there to tick what is wanted; else all of it is
   * @param ask whether to confirm, where nobody has ticked anything
   */
  async run(folders: readonly vscode.Uri[], ask: boolean, tell: boolean): Promise<RestoreResult[] | undefined> {
    const { configuration, dates } = this.services;
    const given = folders.length > 0 ? folders : configuration.workspaceFolders();
    if (given.length === 0) throw new PhlbError('usage', vscode.l10n.t('First open a folder.'));
    const places = await this.placesOf(given);
    const all = async (): Promise<ResolvedPath[]> =>
      (await this.search(places)).files.flatMap(file => placeOf(file, places) ?? []);
    const chosen = tell ? await this.choose(given, places) : await all();
    if (!chosen) return undefined;
    const results: RestoreResult[] = [];
    for (const source of new Set(chosen.map(one => one.source))) {
      const wanted = wantedOf(
        chosen.filter(one => one.source === source),
        dates,
      );
      const result = ask && !tell ? await this.restore.interactively(wanted) : await this.restore.putBack(wanted, ask);
      if (result) results.push(result);
    }
    return results.length > 0 || chosen.length === 0 ? results : undefined;
  }

  private async placesOf(folders: readonly vscode.Uri[]): Promise<Place[]> {
    const { catalog } = this.services;
    const { sources } = await catalog.listAgain();
    const places: Place[] = [];
    for (const folder of folders) {
      const found = await catalog.sourceOf(folder);
      if (found?.source.local) places.push({ source: found.source, folder: found.path });
      // A folder that is not backed up itself may hold some that are.
      else {
        const inside = sources.filter(
          ({ local, source }) => local && relativeInside(folder.fsPath, source) !== undefined,
        );
        places.push(...inside.map(source => ({ source, folder: '' })));
      }
    }
    if (places.length > 0) return places;
    throw new PhlbError('notFound', vscode.l10n.t('No snapshot holds this folder. Back it up first.'), {
      ...(folders[0] ? { path: folders[0].fsPath } : {}),
    });
  }

  private search(places: readonly Place[], limit?: number): Promise<LostResult> {
    const { reader, configuration, dates } = this.services;
    const folders = places.map(({ source, folder }) => ({ source: source.name, folder }));
    const request = { location: configuration.location(), folders, ...(limit === undefined ? {} : { limit }) };
    return withProgress(vscode.l10n.t('Searching for deleted files'), dates, call =>
      reader.call('lost', request, call),
    );
  }

  private async choose(folders: readonly vscode.Uri[], places: readonly Place[]): Promise<ResolvedPath[] | undefined> {
    const { messages, dates } = this.services;
    const { files, more, unreadable } = await this.search(places, LISTED_AT_MOST);
    const name = folders.map(({ path }) => posix.basename(path)).join(', ');
    const unsearched =
      unreadable.length > 0 ? vscode.l10n.t('Could not be searched: {0}', snapshotCount(unreadable.length, dates)) : '';
    if (files.length === 0) {
      messages.info([vscode.l10n.t('No deleted file was found in {0}.', name), unsearched].join(' ').trim());
      return undefined;
    }
    const advice = more
      ? vscode.l10n.t('Tick what to restore. Only the last {0} are listed.', fileCount(files.length, dates))
      : vscode.l10n.t('Tick what to restore');
    const ticked = await tick<DeletedItem>({
      title: vscode.l10n.t('Restore Deleted Files of {0}', name),
      placeholder: unsearched === '' ? advice : `${advice} · ${unsearched}`,
      items: this.items(files, places),
      onButton: async ({ place }) => place && peek(this.services, place),
      onFailure: error => messages.failure(vscode.l10n.t('PHLB could not do this.'), error),
    });
    return ticked?.flatMap(({ place }) => place ?? []);
  }

  // Those that were seen last together stand together.
  private items(files: readonly LostFile[], places: readonly Place[]): DeletedItem[] {
    const { dates } = this.services;
    const severalSources = new Set(places.map(({ source }) => source)).size > 1;
    const items: DeletedItem[] = [];
    let last = '';
    for (const file of files) {
      const place = placeOf(file, places);
      if (!place) continue;
      const { source, snapshot, path } = place;
      const seen = vscode.l10n.t('last seen {0}', dates.short(new Date(snapshot.startedAt)));
      if (seen !== last) items.push({ label: seen, kind: vscode.QuickPickItemKind.Separator });
      last = seen;
      items.push({
        label: basename(path),
        description: severalSources ? join(source.name, dirname(path)) : dirname(path),
        buttons: [{ iconPath: new vscode.ThemeIcon('go-to-file'), tooltip: vscode.l10n.t('Open the Newest Version') }],
        place,
      });
    }
    return items;
  }
}

function placeOf({ source: name, last, path }: LostFile, places: readonly Place[]): ResolvedPath | undefined {
  const source = places.find(one => one.source.name === name)?.source;
  const snapshot = source?.snapshots.find(({ id }) => id === last);
  return source && snapshot && { source, snapshot, path };
}
