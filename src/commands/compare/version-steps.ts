import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import { basename, relativeInside } from '../../engine/words/names.js';
import type { Services } from '../../host/backup/services.js';
import type { ResolvedPath } from '../../host/catalog/catalog.js';
import { addressedVersions, type PastVersion } from '../../host/catalog/past-versions.js';
import { comparedAddress, ownAddress } from '../../host/catalog/past-image.js';
import { pastTitle } from '../../host/editor/past-title.js';
import { plainText } from '../../host/editor/plain-text.js';
import { OneAtATime } from '../../host/backup/one-at-a-time.js';
import { resolveTarget, targetName, todaysPath } from '../snapshots/targets.js';
import { shownPast, type ShownPast } from './shown-past.js';
import { nextTo, placeOf, type Direction } from './version-place.js';

/** Previous Version, Next Version: from version to version of the file that an editor shows, in its place. */
export class VersionSteps {
  /** The file of today that was gone through last, by the addresses of its versions: under an earlier name there may be another one now. */
  private last: { file: string; addresses: Set<string> } | undefined;
  private readonly turns = new OneAtATime();
  /** steps that are under way or wait */
  private asked = 0;

  constructor(private readonly services: Services) {}

  /**
   * A comparison with the file before moves as a whole, one with anything else on the past file's side. A key that is held
   * down asks more often than files open: one step waits for the one before it, and what else comes in between is passed over.
   * @param given a file that the editor shows; default: the active one
   * @returns the address of the version that is shown then; `undefined`: there is none in this direction
   */
  async go(direction: Direction, given: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
    if (this.asked > 1) return undefined;
    this.asked++;
    try {
      return await this.turns.take(async before => {
        await before;
        return this.goNow(direction, given);
      });
    } finally {
      this.asked--;
    }
  }

  private async goNow(direction: Direction, given: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
    const shown = shownPast(given);
    if (shown) return this.step(shown, direction);
    throw new PhlbError('usage', vscode.l10n.t('First open a version of a file, or a comparison with one.'));
  }

  private async step(shown: ShownPast, direction: Direction): Promise<vscode.Uri | undefined> {
    const { found } = await resolveTarget(this.services.catalog, shown.uri);
    const versions = await this.versionsOf(shown, found);
    const to = nextTo(
      placeOf(
        versions.map(({ version }) => version),
        found,
        found.source.snapshots,
      ),
      direction,
      versions.length,
    );
    const version = to === undefined ? undefined : versions[to];
    const before = to === undefined ? undefined : versions[to + 1];
    if (!version || (shown.as === 'pair' && !before)) {
      this.services.messages.info(
        direction === 'older'
          ? vscode.l10n.t('There is no older version of {0}.', targetName(found))
          : vscode.l10n.t('There is no newer version of {0}.', targetName(found)),
      );
      return undefined;
    }
    await this.open(shown, version, before);
    return version.uri;
  }

  private async versionsOf({ uri, other }: ShownPast, found: ResolvedPath): Promise<PastVersion[]> {
    const { source } = found;
    if (!source.local) {
      throw new PhlbError(
        'usage',
        vscode.l10n.t('This file comes from another computer. The Snapshots view shows what there is of it.'),
        { path: source.source },
      );
    }
    const { reader, configuration, catalog } = this.services;
    const isToday = other?.scheme === 'file' && relativeInside(source.source, other.fsPath) !== undefined;
    const known = this.last?.addresses.has(ownAddress(uri).toString()) ? this.last.file : undefined;
    const file = isToday ? other.fsPath : (known ?? todaysPath(found));
    const { versions } = await reader.call('versions', { location: configuration.location(), file });
    const addressed = await addressedVersions(catalog, versions);
    this.last = { file, addresses: new Set(addressed.map(one => one.uri.toString())) };
    return addressed;
  }

  private async open(
    { as, other, column }: ShownPast,
    version: PastVersion,
    before: PastVersion | undefined,
  ): Promise<void> {
    const options = { viewColumn: column, preview: true };
    const compare = (left: vscode.Uri, leftTitle: string, right: vscode.Uri, rightTitle: string): Thenable<unknown> =>
      vscode.commands.executeCommand('vscode.diff', left, right, `${leftTitle} ↔ ${rightTitle}`, options);
    const title = this.title(version);
    if (as === 'pair' && before) await compare(this.side(before), this.title(before), this.side(version), title);
    else if (as === 'original' && other)
      await compare(this.side(version), title, other, plainText(basename(other.path)));
    else if (as === 'modified' && other)
      await compare(other, plainText(basename(other.path)), this.side(version), title);
    else await vscode.commands.executeCommand('vscode.open', version.uri, options, title);
  }

  private side({ uri, snapshot }: PastVersion): vscode.Uri {
    return comparedAddress(uri, snapshot.startedAt, this.services.dates);
  }

  private title({ version, snapshot }: PastVersion): string {
    return pastTitle(version.path, snapshot.startedAt, this.services.dates);
  }
}
