import * as vscode from 'vscode';
import type { AgentScope } from './agent-scope.js';
import { answer, limitOf, work } from './answer.js';

interface Input {
  folder?: unknown;
  limit?: unknown;
}

/** `phlb_list_snapshots`: the snapshots of the open folders, newest first; safety snapshots of restores are marked. */
export class ListTool implements vscode.LanguageModelTool<Input> {
  constructor(private readonly scope: AgentScope) {}

  prepareInvocation(): vscode.PreparedToolInvocation {
    return { invocationMessage: vscode.l10n.t('Listing snapshots') };
  }

  invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<Input>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    return work(token, async () => {
      const sources = await this.scope.sources(input.folder);
      const all = sources.flatMap(({ folder, source }) =>
        source.snapshots
          .filter(({ problem }) => problem === undefined)
          .map(({ id, kind, startedAt, label, pinned, files, changedFiles, errors }) => ({
            ...{ id, folder: folder.name, kind, time: startedAt, label, pinned, files, changedFiles, errors },
          })),
      );
      const newestFirst = all.sort((a, b) => (a.time < b.time ? 1 : -1));
      return answer({}, 'snapshots', newestFirst.slice(0, limitOf(input.limit, 20, 100)), all.length);
    });
  }
}
