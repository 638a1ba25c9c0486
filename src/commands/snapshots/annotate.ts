import * as vscode from 'vscode';
import { View, type SnapshotArgument } from '../../contributions.js';
import type { AnnotateRequest, AnnotateResult } from '../../engine/annotate.js';
import { askText, showProgressInView } from '../../host/editor/dialogs.js';
import type { Services } from '../../host/backup/services.js';
import { findSnapshots, snapshotName, snapshotNames } from './chosen-snapshots.js';
import { labelProblem } from './label-problem.js';

/** Label…, Pin, Unpin */
export class AnnotateCommands {
  constructor(private readonly services: Services) {}

  /** @param text asked for when a node is given without one; of an id, none takes the label away, as on the command line */
  async label(snapshot: SnapshotArgument, text: string | undefined): Promise<AnnotateResult | undefined> {
    const name = await snapshotName(this.services.catalog, snapshot);
    const asks = text === undefined && typeof snapshot !== 'string';
    const label = asks ? await this.ask(name) : (text ?? '');
    if (label === undefined) return undefined;
    return this.change([{ snapshot: name, label: label.trim() === '' ? null : label.trim() }]);
  }

  /** Of all that are selected. Resolves to what the first one is now. @param menu the selected nodes */
  async pin(snapshot: SnapshotArgument, menu: unknown, pinned: boolean): Promise<AnnotateResult> {
    const names = await snapshotNames(this.services.catalog, snapshot, menu);
    return this.change(names.map(name => ({ snapshot: name, pinned })));
  }

  private async ask(id: string): Promise<string | undefined> {
    const { catalog, dates } = this.services;
    const [chosen] = await findSnapshots(catalog, [id]);
    if (!chosen) return undefined;
    const when = dates.short(new Date(chosen.snapshot.startedAt));
    return askText({
      title: vscode.l10n.t('Label of {0} ({1})', chosen.source.name, when),
      prompt: vscode.l10n.t(
        'A name for people; leave it empty to remove it. Only a pin keeps a snapshot from being cleaned up.',
      ),
      value: chosen.snapshot.label ?? '',
      problem: labelProblem,
    });
  }

  // The view shows that it may take a while: a backup may be running. What is done shows in the view, too.
  private async change(changes: Omit<AnnotateRequest, 'location'>[]): Promise<AnnotateResult> {
    const { engine, configuration, catalog } = this.services;
    const location = configuration.location();
    return showProgressInView(View.snapshots, async () => {
      try {
        const results: AnnotateResult[] = [];
        for (const change of changes) results.push(await engine.call('annotate', { location, ...change }));
        const [first] = results;
        if (!first) throw new Error('no snapshot was named');
        return first;
      } finally {
        catalog.invalidate();
      }
    });
  }
}
