import * as vscode from 'vscode';
import { dirtyEditors, unsavedFiles } from '../host/editor/dirty-editors.js';
import { askedPaths } from '../engine/words/asked-paths.js';
import type { RestoreRequest, RestoreResult } from '../engine/words/model.js';
import { join } from '../engine/words/names.js';
import type { ScopedSnapshot } from '../engine/words/scoped.js';
import { fileCount } from '../host/editor/count-text.js';
import { Markdown } from '../host/editor/markdown.js';
import type { Services } from '../host/backup/services.js';
import type { AgentScope } from './agent-scope.js';
import { answer, work } from './answer.js';

interface Input {
  snapshot?: unknown;
  paths?: unknown;
}

const MOST_NAMED = 10;

/** `phlb_restore`: brings files back after the user has seen what is overwritten, always with a safety snapshot. */
export class RestoreTool implements vscode.LanguageModelTool<Input> {
  constructor(
    private readonly services: Services,
    private readonly scope: AgentScope,
  ) {}

  prepareInvocation(
    { input }: vscode.LanguageModelToolInvocationPrepareOptions<Input>,
    token: vscode.CancellationToken,
  ): Promise<vscode.PreparedToolInvocation> {
    return work(token, async signal => {
      const { reader, dates } = this.services;
      const chosen = await this.scope.snapshot(input.snapshot);
      const paths = askedPaths(input.paths);
      const plan = await reader.call('restore', { ...this.request(chosen, paths), dryRun: true }, { signal });
      const when = dates.short(new Date(chosen.snapshot.startedAt));
      const { source } = chosen.source;
      return {
        invocationMessage: Markdown.plain(vscode.l10n.t('Restoring from the snapshot of {0}', when)),
        confirmationMessages: {
          title: vscode.l10n.t('Restore from the snapshot of {0}?', when),
          message: this.consequences(plan, unsavedIn(source, paths)),
        },
      };
    });
  }

  invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<Input>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    return work(token, async signal => {
      const { engine, catalog } = this.services;
      const chosen = await this.scope.snapshot(input.snapshot);
      const paths = askedPaths(input.paths);
      try {
        const result = await engine.call('restore', this.request(chosen, paths), { signal });
        const { created, overwritten, unchanged, left, safetySnapshot, errors } = result;
        const unsavedEditors = unsavedIn(chosen.source.source, paths).slice(0, MOST_NAMED);
        const counts = { created: created.length, overwritten: overwritten.length, unchanged, errors: errors.length };
        const changes = [
          ...errors.map(({ path, message }) => ({ path, error: message })),
          ...overwritten.map(({ path }) => ({ path, change: 'overwritten' })),
          ...created.map(({ path }) => ({ path, change: 'created' })),
        ];
        return answer({ counts, safetySnapshot, unsavedEditors, left: left.slice(0, MOST_NAMED) }, 'changes', changes);
      } finally {
        catalog.invalidate();
      }
    });
  }

  private request({ snapshot }: ScopedSnapshot, paths: string[]): RestoreRequest {
    // No agent rewinds a repository that is there, replaces what somebody is writing, or gets out of what is open.
    const guards = { git: false, unsaved: unsavedFiles(), within: this.scope.paths() };
    return { location: this.services.configuration.location(), snapshot: snapshot.id, paths, ...guards };
  }

  private consequences(plan: RestoreResult, unsaved: string[]): vscode.MarkdownString {
    const { created, overwritten, left, errors, runnable = [] } = plan;
    const { dates } = this.services;
    const said = new Markdown();
    const add = (intro: string, names: readonly string[]): void => {
      if (names.length === 0) return;
      const shown = names.slice(0, MOST_NAMED);
      const rest = names.length - shown.length;
      if (rest > 0) shown.push(vscode.l10n.t('and {0} more', dates.number(rest)));
      said.add(intro).addNames(shown);
    };
    const dangerFirst = byDanger(runnable);
    if (overwritten.length + created.length === 0) {
      said.add(vscode.l10n.t('Everything is already as it was then.'));
    } else if (overwritten.length > 0) {
      said.add(
        vscode.l10n.t('What is overwritten is kept in a safety snapshot first; Undo Last Restore brings it back.'),
      );
    }
    if (runnable.length > 0) {
      said.add(
        vscode.l10n.t('Some of these can run, by themselves or when started: {0}', fileCount(runnable.length, dates)),
      );
    }
    add(vscode.l10n.t('Overwritten: {0}', fileCount(overwritten.length, dates)), dangerFirst(overwritten));
    add(vscode.l10n.t('Put back: {0}', fileCount(created.length, dates)), dangerFirst(created));
    add(vscode.l10n.t('Cannot be restored: {0}', fileCount(errors.length, dates)), dangerFirst(errors));
    add(
      vscode.l10n.t('Git repositories, which are left as they are:'),
      left.map(({ path }) => path),
    );
    add(vscode.l10n.t('Open with unsaved changes, which are not touched:'), unsaved);
    return said.text;
  }
}

/** Lets the first names of many be those that matter most. @param runnable in their own order */
function byDanger(runnable: readonly string[]): (list: readonly { path: string }[]) => string[] {
  const rank = new Map(runnable.map((path, at) => [path, at]));
  const rankOf = (path: string): number => rank.get(path) ?? runnable.length;
  return list => list.map(({ path }) => path).sort((a, b) => rankOf(a) - rankOf(b));
}

function unsavedIn(source: string, paths: readonly string[]): string[] {
  const roots = paths.length === 0 ? [source] : paths.map(path => join(source, path));
  return [...new Set(roots.flatMap(root => dirtyEditors(root)).map(uri => uri.fsPath))];
}
