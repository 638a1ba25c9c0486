import * as vscode from 'vscode';
import { PhlbError } from '../engine/words/errors.js';
import { fitLabel } from '../engine/words/label.js';
import { pathKey } from '../engine/words/names.js';
import { homePath } from '../host/editor/home-path.js';
import { Markdown } from '../host/editor/markdown.js';
import { plainText } from '../host/editor/plain-text.js';
import type { BackupOutcome } from '../host/backup/backup-service.js';
import type { Services } from '../host/backup/services.js';
import type { AgentScope } from './agent-scope.js';
import { answer, work } from './answer.js';

interface Input {
  folder?: unknown;
  label?: unknown;
}

/** `phlb_snapshot`: takes a snapshot of an open folder, unless nothing has changed since the last one. */
export class SnapshotTool implements vscode.LanguageModelTool<Input> {
  constructor(
    private readonly services: Services,
    private readonly scope: AgentScope,
  ) {}

  /** The first snapshot of a folder is confirmed: until then the user may not know that there are any, and where. */
  prepareInvocation(
    { input }: vscode.LanguageModelToolInvocationPrepareOptions<Input>,
    token: vscode.CancellationToken,
  ): Promise<vscode.PreparedToolInvocation> {
    return work(token, async () => {
      const folder = this.scope.folder(input.folder);
      const invocationMessage = Markdown.plain(vscode.l10n.t('Taking a snapshot of {0}', folder.name));
      if ((await this.newest(folder)) !== undefined) return { invocationMessage };
      const { root } = this.services.configuration.location();
      const confirmationMessages = {
        title: plainText(vscode.l10n.t('Take the first snapshot of {0}?', folder.name)),
        message: Markdown.plain(vscode.l10n.t('A copy of the whole folder is kept in {0}.', homePath(root))),
      };
      return { invocationMessage, confirmationMessages };
    });
  }

  invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<Input>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    return work(token, async signal => {
      const folder = this.scope.folder(input.folder);
      const { snapshots, failed } = await this.backUp(folder, labelOf(input.label), signal);
      if (failed[0]) throw failed[0].error;
      const [result] = snapshots;
      const id = result?.id ?? (await this.newest(folder));
      if (!result || id === undefined) throw new PhlbError('store', vscode.l10n.t('No snapshot was taken.'));
      const { published, files, copiedBytes, errors, warnings } = result;
      const warned = warnings.length > 0 ? { warnings: warnings.map(({ message }) => message) } : {};
      const notStored = errors.map(({ path, message }) => ({ path, message }));
      return answer(
        { snapshot: id, taken: published, files, newBytes: copiedBytes, ...warned },
        'notStored',
        notStored,
      );
    });
  }

  // A run of somebody else's that it would wait for is not this one's to cancel.
  private backUp(
    folder: vscode.WorkspaceFolder,
    label: string | undefined,
    signal: AbortSignal,
  ): Promise<BackupOutcome> {
    const { backups } = this.services;
    const waits = backups.state.running;
    const options = { automatic: true, cause: 'agent', ...(label === undefined ? {} : { label }) };
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        if (!waits) backups.cancel();
        reject(new vscode.CancellationError());
      };
      signal.addEventListener('abort', cancel, { once: true });
      backups
        .run([folder.uri], options)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', cancel));
    });
  }

  private async newest(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
    const sources = await this.scope.sources(undefined);
    const own = sources.find(({ source }) => pathKey(source.source) === pathKey(folder.uri.fsPath));
    return own?.source.snapshots.findLast(({ kind, problem }) => kind === 'snapshot' && problem === undefined)?.id;
  }
}

// An agent that gives a long one is not to go without its snapshot.
function labelOf(value: unknown): string | undefined {
  const label = typeof value === 'string' ? fitLabel(value) : '';
  return label === '' ? undefined : label;
}
