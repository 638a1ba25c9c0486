import type * as vscode from 'vscode';
import type { EngineClient } from '../../worker/client.js';
import type { Configuration } from '../editor/configuration.js';

/** Which paths of a folder its backups store, as the engine tells by all the rules that it has. */
export class BackedUpPaths {
  constructor(
    private readonly engine: EngineClient,
    private readonly configuration: Configuration,
  ) {}

  /** Whether there is any among them. @param paths relative to the folder */
  async hasAny(folder: vscode.Uri, paths: readonly string[]): Promise<boolean> {
    return (await this.ask(folder, paths, 1, false)).length > 0;
  }

  /** Those that git does not ignore either, in whichever way the folder is backed up. */
  withoutIgnored(folder: vscode.Uri, paths: readonly string[], signal: AbortSignal): Promise<string[]> {
    return this.ask(folder, paths, paths.length, true, signal);
  }

  private async ask(
    folder: vscode.Uri,
    paths: readonly string[],
    limit: number,
    withGitignore: boolean,
    signal?: AbortSignal,
  ): Promise<string[]> {
    const rules = this.configuration.rules(folder);
    const request = {
      location: this.configuration.location(),
      source: folder.fsPath,
      rules: withGitignore ? { ...rules, useGitignore: true } : rules,
      trusted: this.configuration.trustsFolders(),
      paths: [...paths],
      limit,
    };
    return (await this.engine.call('letThrough', request, signal ? { signal } : {})).paths;
  }
}
