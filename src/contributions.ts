/**
 * Every command, setting, context key and view that PHLB adds to the editor, named once and typed. `package.json` says
 * the same in the editor's words; `test/unit/contributions.test.ts` holds the two together. Nothing here needs the
 * editor at run time, so that plain tests can read it.
 */
import type { Uri } from 'vscode';
import type { BackupResult, RestoreResult } from './engine/model.js';

/** A tree node of a snapshot, or of a file or folder in one, as commands see it. */
export interface SnapshotItem {
  /** the `phlb:` address of the snapshot's folder, or of what lies in it */
  readonly uri: Uri;
}

/**
 * What the backup commands resolve to: one entry a folder. Of one that could not be backed up it says, as on the
 * command line, that nothing was published, and why.
 */
export interface BackupReply {
  snapshots: BackupResult[];
}

export const Command = {
  backupWorkspace: 'phlb.backupWorkspace',
  backupFolder: 'phlb.backupFolder',
  openFile: 'phlb.openFile',
  compareWithCurrent: 'phlb.compareWithCurrent',
  compareFileWithSnapshot: 'phlb.compareFileWithSnapshot',
  restore: 'phlb.restore',
  changeLocation: 'phlb.changeLocation',
  pauseAutoBackup: 'phlb.pauseAutoBackup',
  resumeAutoBackup: 'phlb.resumeAutoBackup',
  showLog: 'phlb.showLog',
  refresh: 'phlb.refresh',
} as const;
export type CommandId = (typeof Command)[keyof typeof Command];

/**
 * What each command takes and resolves to. A second argument of type `unknown` is what menus add (the other selected
 * items, an editor group); its presence, or a tree node, tells a person from a script, who is asked nothing.
 */
export interface CommandSignatures {
  [Command.backupWorkspace]: () => Promise<BackupReply>;
  [Command.backupFolder]: (folder?: Uri, menu?: unknown) => Promise<BackupReply | undefined>;
  [Command.openFile]: (file: SnapshotItem | Uri) => Promise<void>;
  [Command.compareWithCurrent]: (file: SnapshotItem | Uri) => Promise<void>;
  [Command.compareFileWithSnapshot]: (file?: Uri, snapshot?: unknown) => Promise<void>;
  [Command.restore]: (what?: SnapshotItem | Uri | string, menu?: unknown) => Promise<RestoreResult | undefined>;
  [Command.changeLocation]: (folder?: Uri) => Promise<{ location: string } | undefined>;
  [Command.pauseAutoBackup]: () => Promise<void>;
  [Command.resumeAutoBackup]: () => Promise<void>;
  [Command.showLog]: () => Promise<void>;
  [Command.refresh]: () => Promise<void>;
}

/** One handler a command: a forgotten one does not compile. */
export type CommandHandlers = { readonly [K in CommandId]: CommandSignatures[K] };

/** Registered, but in no menu: what a click on the status bar item runs. */
export const STATUS_MENU_COMMAND = '_phlb.statusMenu';

export const VIEW_CONTAINER = 'phlb';
export const View = { snapshots: 'phlb.snapshots' } as const;

/** Keys that `when` clauses in `package.json` read, with their values. */
export interface ContextKeys {
  /** `unknown` until the snapshots have been asked for */
  'phlb.location': 'unknown' | 'reachable' | 'unreachable';
  'phlb.autoBackupPaused': boolean;
}

/** The scheme of past files. */
export const SCHEME = 'phlb';

export type AutoBackupMode = 'off' | 'onSave' | 'interval';

export interface SettingTypes {
  'phlb.backup.location': string;
  'phlb.backup.folders': string[];
  /** the globs that are switched on */
  'phlb.backup.exclude': string[];
  'phlb.backup.useGitignore': boolean;
  /** bytes; `null`: no limit */
  'phlb.backup.maxFileSize': number | null;
  'phlb.backup.oneFileSystem': boolean;
  'phlb.backup.protectFiles': boolean;
  'phlb.backup.checksum': boolean;
  'phlb.autoBackup.mode': AutoBackupMode;
  'phlb.autoBackup.intervalMinutes': number;
  'phlb.statusBar.enabled': boolean;
}
export type SettingId = keyof SettingTypes;

/**
 * How each setting is read. Settings are typed by hand into a file, so a reader takes anything and makes the best of
 * it: a value of the wrong type counts as not given.
 */
export const settingReaders: { readonly [K in SettingId]: (value: unknown) => SettingTypes[K] } = {
  'phlb.backup.location': value => (typeof value === 'string' ? value.trim() : ''),
  'phlb.backup.folders': value => strings(value),
  'phlb.backup.exclude': value => enabledGlobs(value),
  'phlb.backup.useGitignore': flag(false),
  'phlb.backup.maxFileSize': value =>
    typeof value === 'number' && value > 0 ? Math.round(value * BYTES_PER_MEGABYTE) : null,
  'phlb.backup.oneFileSystem': flag(false),
  'phlb.backup.protectFiles': flag(true),
  'phlb.backup.checksum': flag(false),
  'phlb.autoBackup.mode': value => (value === 'off' || value === 'interval' ? value : 'onSave'),
  'phlb.autoBackup.intervalMinutes': value =>
    typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, 0.1), MINUTES_PER_WEEK) : 10,
  'phlb.statusBar.enabled': flag(true),
};

// As in `files.maxMemoryForLargeFilesMB` and its like.
const BYTES_PER_MEGABYTE = 1024 * 1024;
// Longer, and `setTimeout` would overflow.
const MINUTES_PER_WEEK = 7 * 24 * 60;

function flag(preset: boolean): (value: unknown) => boolean {
  return value => (typeof value === 'boolean' ? value : preset);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string').filter(item => item.trim() !== '') : [];
}

function enabledGlobs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([glob, on]) => (on === true ? [glob] : []));
}
