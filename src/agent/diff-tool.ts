import * as vscode from 'vscode';
import { PhlbError } from '../engine/words/errors.js';
import { Markdown } from '../host/editor/markdown.js';
import type { Services } from '../host/backup/services.js';
import type { AgentScope } from './agent-scope.js';
import { answer, limitOf, work } from './answer.js';

interface Input {
  snapshot?: unknown;
  other?: unknown;
  limit?: unknown;
}

/** `phlb_diff`: which files differ between a snapshot and today, or a newer one of the same source. No contents. */
export class DiffTool implements vscode.LanguageModelTool<Input> {
  constructor(
    private readonly services: Services,
    private readonly scope: AgentScope,
  ) {}

  prepareInvocation({ input }: vscode.LanguageModelToolInvocationPrepareOptions<Input>): vscode.PreparedToolInvocation {
    return { invocationMessage: Markdown.plain(vscode.l10n.t('Comparing with {0}', String(input.snapshot))) };
  }

  invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<Input>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    return work(token, async signal => {
      const { reader, configuration } = this.services;
      const older = await this.scope.snapshot(input.snapshot);
      const newer = input.other === undefined ? undefined : await this.scope.snapshot(input.other);
      if (newer && newer.source.name !== older.source.name) {
        throw new PhlbError('usage', vscode.l10n.t('Only snapshots of the same folder can be compared.'));
      }
      const request = {
        location: configuration.location(),
        snapshot: older.snapshot.id,
        ...(newer ? { other: newer.snapshot.id } : {}),
        repositoriesLast: true,
        limit: limitOf(input.limit, 100, 500),
      };
      const { counts, changes, newer: side } = await reader.call('diff', request, { signal });
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      return answer({ older: older.snapshot.id, newer: side ?? 'today', counts }, 'changes', changes, total);
    });
  }
}
