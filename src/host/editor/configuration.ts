import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import * as vscode from 'vscode';
import { settingReaders, type ContextKeys, type SettingId, type SettingTypes } from '../../contributions.js';
import type { Rules, StoreLocation } from '../../engine/words/model.js';
import { pathKey } from '../../engine/words/names.js';
import type { RetentionRules } from '../../engine/words/retention.js';
import { stateFolder } from '../../engine/store/state.js';

/** Reads one setting, for a folder where its scope is `resource`. */
export function readConfig<K extends SettingId>(id: K, scope?: vscode.Uri): SettingTypes[K] {
  return settingReaders[id](vscode.workspace.getConfiguration(undefined, scope ?? null).get<unknown>(id));
}

/** Sets one setting for the user, as the settings editor does. */
export async function writeConfig<K extends SettingId>(id: K, value: SettingTypes[K]): Promise<void> {
  await vscode.workspace.getConfiguration().update(id, value, vscode.ConfigurationTarget.Global);
}

/** Takes a value away from wherever it has been set, for the user or the workspace. */
export async function unsetConfig<K extends SettingId>(id: K, value: SettingTypes[K]): Promise<void> {
  const settings = vscode.workspace.getConfiguration();
  const set = settings.inspect<unknown>(id);
  const { Global, Workspace } = vscode.ConfigurationTarget;
  if (set?.globalValue === value) await settings.update(id, undefined, Global);
  if (set?.workspaceValue === value) await settings.update(id, undefined, Workspace);
}

/** Sets what `when` clauses read. */
export function setContextKey<K extends keyof ContextKeys>(key: K, value: ContextKeys[K]): Thenable<unknown> {
  return vscode.commands.executeCommand('setContext', key, value);
}

/** The settings in the engine's words. */
export class Configuration {
  /** @param indexFolder where this host keeps its index databases */
  constructor(private readonly indexFolder: string) {}

  /** Where the store is. Not checked, not created. */
  location(): StoreLocation {
    const location = readConfig('phlb.backup.location');
    return {
      root: location === '' ? defaultLocation() : absolute(location),
      index: this.indexFolder,
      state: stateFolder(process.env, process.platform, homedir),
    };
  }

  /** What is left out of the snapshots of `folder`. */
  rules(folder: vscode.Uri): Rules {
    return {
      exclude: readConfig('phlb.backup.exclude', folder),
      useGitignore: readConfig('phlb.backup.useGitignore', folder),
      maxFileSize: readConfig('phlb.backup.maxFileSize', folder),
      oneFileSystem: readConfig('phlb.backup.oneFileSystem', folder),
    };
  }

  /** Whether what lies in the folders may decide what is left out of their snapshots: ignore files, as settings do. */
  trustsFolders(): boolean {
    return vscode.workspace.isTrusted;
  }

  /** Where copies off this machine go, and the program that makes them; `''`: not set. */
  offsite(): { repository: string; restic: string } {
    const [repository, restic] = [readConfig('phlb.offsite.repository'), readConfig('phlb.offsite.resticPath')];
    return { repository: fromHome(repository), restic: fromHome(restic) };
  }

  /** Which snapshots stay when old ones are cleaned up. */
  retention(): RetentionRules {
    return {
      keepLast: readConfig('phlb.retention.keepLast'),
      keepHourly: readConfig('phlb.retention.keepHourly'),
      keepDaily: readConfig('phlb.retention.keepDaily'),
      keepWeekly: readConfig('phlb.retention.keepWeekly'),
      keepMonthly: readConfig('phlb.retention.keepMonthly'),
      keepYearly: readConfig('phlb.retention.keepYearly'),
    };
  }

  /** The folders of "Backup Workspace": those open from a disk of this host, then those of `phlb.backup.folders`. */
  folders(): vscode.Uri[] {
    const further = readConfig('phlb.backup.folders').map(folder => vscode.Uri.file(absolute(folder)));
    const all = [...this.workspaceFolders(), ...further];
    const keys = all.map(folder => pathKey(folder.fsPath));
    return all.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
  }

  /** The open folders that are on a disk of this host. */
  workspaceFolders(): vscode.Uri[] {
    return (vscode.workspace.workspaceFolders ?? []).map(folder => folder.uri).filter(uri => uri.scheme === 'file');
  }

  /** Runs `listener` when one of the settings has changed. */
  onDidChange(ids: readonly SettingId[], listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration(event => {
      if (ids.some(id => event.affectsConfiguration(id))) listener();
    });
  }
}

/** The backup root when the setting is empty. */
export function defaultLocation(): string {
  return join(homedir(), 'PyHardLinkBackups');
}

// `~` is what people write; anything else relative has no folder that it could be relative to but the home folder.
function absolute(path: string): string {
  const full = fromHome(path);
  return isAbsolute(full) ? resolve(full) : resolve(homedir(), full);
}

/** The same without a leading `~`, which no shell will replace here. */
export function fromHome(path: string): string {
  if (path === '~') return homedir();
  return path.startsWith('~/') || path.startsWith('~\\') ? join(homedir(), path.slice(2)) : path;
}
