import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import type { StoreLocation } from '../../engine/words/model.js';
import type { EngineClient } from '../../worker/client.js';
import { readConfig } from '../editor/configuration.js';
import type { DateFormat } from '../editor/dates.js';
import type { Messages } from '../editor/messages.js';
import { runCommand } from '../editor/register-commands.js';
import { mustMeasure, mustWarn, type StoreSize } from './store-size.js';

/** Says once that all snapshots together take more than `phlb.warnAtSize`. */
export class SizeWarning {
  constructor(
    private readonly engine: EngineClient,
    private readonly dates: DateFormat,
    private readonly messages: Messages,
    private readonly memory: vscode.Memento,
  ) {}

  /** Measuring walks the whole store, so it is done at most once a day, by one of this host's windows. */
  async check(location: StoreLocation, signal: AbortSignal): Promise<void> {
    const limit = readConfig('phlb.warnAtSize');
    if (limit === null) return;
    const key = `storeSize:${location.root}`;
    let size = this.memory.get<StoreSize>(key);
    if (size === undefined || mustMeasure(size, Date.now())) {
      const { allocatedBytes } = await this.engine.call('stats', { location }, { signal });
      size = { ...size, bytes: allocatedBytes, at: Date.now() };
    }
    const warn = mustWarn(size, limit);
    if (warn) {
      this.messages.warning(
        vscode.l10n.t(
          'All snapshots together take {0}, which is more than the limit of {1} in the settings.',
          this.dates.size(size.bytes),
          this.dates.size(limit),
        ),
        [
          { title: vscode.l10n.t('Clean Up Old Snapshots…'), run: () => runCommand(Command.prune) },
          { title: vscode.l10n.t('Show Storage Usage'), run: () => runCommand(Command.showStorage) },
        ],
      );
    }
    // Once it is below the limit again, the next time is news.
    const { bytes, at } = size;
    await this.memory.update(key, size.bytes > limit ? { bytes, at, warnedFor: limit } : { bytes, at });
  }
}
