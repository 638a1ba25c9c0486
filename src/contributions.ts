/**
 * Every command, setting, context key and view that PHLB adds to the editor, named once and typed. `package.json` says
 * the same in the editor's words; `test/unit/contributions.test.ts` holds the two together. Nothing here needs the
 * editor at run time, so that plain tests can read it.
 */
import type { Uri } from 'vscode';
import type { AnnotateResult } from './engine/annotate.js';
import type { DeleteResult } from './engine/delete.js';
import type { DiffResult } from './engine/diff.js';
import type { FindResult } from './engine/find.js';
import type { OffsiteCheckResult, OffsitePushResult, OffsiteRecoverResult } from './engine/offsite/model.js';
import type { BackupResult, PathError, RestoreResult, VerifyResult } from './engine/words/model.js';
import type { RebuildResult } from './engine/rebuild.js';
import type { KeepReason } from './engine/words/retention.js';
import type { StatsResult } from './engine/stats.js';
import type { VersionsResult } from './engine/versions.js';

/** A tree node of a snapshot, of a file or folder in one, or of a version of a file, as commands see it. */
export interface SnapshotItem {
  /** the `phlb:` address of the snapshot's folder, or of what lies in it */
  readonly uri: Uri;
  /** of a line that was found in it: where to look first */
  readonly place?: PlaceInText;
}

/** A place in a text, as a search has found it. */
export interface PlaceInText {
  /** from 1 */
  line: number;
  /** the line, or a part of it */
  text: string;
  /** the match in `text`, from and to; UTF-16 code units */
  match: { from: number; to: number };
}

/** How a text is looked for; what is not given is not so. */
export interface TextOptions {
  /** the pattern is a regular expression in RE2's syntax; else a plain text */
  regex?: boolean;
  matchCase?: boolean;
  wholeWord?: boolean;
  /** only lines that today's file of the same path does not have */
  deletedOnly?: boolean;
}

/** What `searchText` resolves to. */
export interface TextSearchReply {
  /** paths in which something was found, and all lines that match in all their versions */
  files: number;
  matches: number;
  /** `false`: it ended early, since more was found than anybody looks at; the numbers below then say nothing */
  complete: boolean;
  /** contents that were searched, and that were not, since they are no text or too large */
  contents: number;
  binary: number;
  tooLarge: number;
  /** what could not be read */
  errors: PathError[];
  /** ids of snapshots whose list of files cannot be read */
  unreadable: string[];
}

/** A tree node of a source. */
export interface SourceItem {
  /** the source's name in the store */
  readonly sourceName: string;
}

/** A tree node of an open folder that has no snapshot yet. */
export interface FolderItem {
  readonly folder: Uri;
}

/**
 * What the backup commands resolve to: one entry a folder. Of one that could not be backed up it says, as on the
 * command line, that nothing was published, and why.
 */
export interface BackupReply {
  snapshots: BackupResult[];
}

/** What `prune` resolves to, as on the command line. */
export interface PruneReply {
  kept: { id: string; reasons: KeepReason[] }[];
  deleted: string[];
  freedBytes: number;
}

/** A snapshot: its id (`documents/2016-01-07-085247`), its address, or its node. */
export type SnapshotArgument = SnapshotItem | Uri | string;

export const Command = {
  backupWorkspace: 'phlb.backupWorkspace',
  backupFolder: 'phlb.backupFolder',
  backupNamed: 'phlb.backupNamed',
  backupSource: 'phlb.backupSource',
  openFile: 'phlb.openFile',
  compareWithCurrent: 'phlb.compareWithCurrent',
  compareWithPrevious: 'phlb.compareWithPrevious',
  compareFileWithSnapshot: 'phlb.compareFileWithSnapshot',
  showSnapshotChanges: 'phlb.showSnapshotChanges',
  showChanges: 'phlb.showChanges',
  showFolderChanges: 'phlb.showFolderChanges',
  compareSelected: 'phlb.compareSelected',
  showVersions: 'phlb.showVersions',
  previousVersion: 'phlb.previousVersion',
  nextVersion: 'phlb.nextVersion',
  restore: 'phlb.restore',
  restoreTo: 'phlb.restoreTo',
  restoreDeleted: 'phlb.restoreDeleted',
  restoreFolder: 'phlb.restoreFolder',
  restoreVersion: 'phlb.restoreVersion',
  undoRestore: 'phlb.undoRestore',
  undoTurn: 'phlb.undoTurn',
  findFile: 'phlb.findFile',
  searchText: 'phlb.searchText',
  searchSelection: 'phlb.searchSelection',
  cancelSearch: 'phlb.cancelSearch',
  clearSearch: 'phlb.clearSearch',
  deleteSnapshot: 'phlb.deleteSnapshot',
  prune: 'phlb.prune',
  forgetSource: 'phlb.forgetSource',
  label: 'phlb.label',
  pin: 'phlb.pin',
  unpin: 'phlb.unpin',
  verify: 'phlb.verify',
  rebuildIndex: 'phlb.rebuildIndex',
  showStorage: 'phlb.showStorage',
  changeLocation: 'phlb.changeLocation',
  revealInOS: 'phlb.revealInOS',
  copyPath: 'phlb.copyPath',
  pauseAutoBackup: 'phlb.pauseAutoBackup',
  resumeAutoBackup: 'phlb.resumeAutoBackup',
  turnOnAutoBackup: 'phlb.turnOnAutoBackup',
  offsitePush: 'phlb.offsitePush',
  offsiteCheck: 'phlb.offsiteCheck',
  offsiteRecover: 'phlb.offsiteRecover',
  setUpAgents: 'phlb.setUpAgents',
  showChangesOnly: 'phlb.showChangesOnly',
  showAllFiles: 'phlb.showAllFiles',
  showLog: 'phlb.showLog',
  refresh: 'phlb.refresh',
} as const;
export type CommandId = (typeof Command)[keyof typeof Command];

/**
 * What each command takes and resolves to. A second argument of type `unknown` is what menus add (the other selected
 * items, an editor group). `undefined`: the person has thought better of it.
 *
 * A link in any text that the editor shows can call a command with arguments of its choice. So a command that deletes,
 * overwrites or moves the backups elsewhere asks, whatever it is given; the same function of the API does not.
 */
interface CommandSignatures {
  [Command.backupWorkspace]: () => Promise<BackupReply | undefined>;
  [Command.backupFolder]: (folder?: Uri, menu?: unknown) => Promise<BackupReply | undefined>;
  [Command.backupNamed]: (label?: string) => Promise<BackupReply | undefined>;
  [Command.backupSource]: (source: SourceItem | FolderItem | string) => Promise<BackupReply | undefined>;
  [Command.openFile]: (file: SnapshotItem | Uri) => Promise<void>;
  [Command.compareWithCurrent]: (file: SnapshotItem | Uri, menu?: unknown) => Promise<void>;
  [Command.compareWithPrevious]: (file: SnapshotItem | Uri) => Promise<void>;
  [Command.compareFileWithSnapshot]: (file?: Uri, snapshot?: unknown) => Promise<void>;
  /** What it has brought against the snapshot before it; `undefined`: there is none. */
  [Command.showSnapshotChanges]: (snapshot: SnapshotArgument, menu?: unknown) => Promise<DiffResult | undefined>;
  [Command.showChanges]: (snapshot: SnapshotArgument, menu?: unknown) => Promise<DiffResult>;
  /** @param snapshot id of the one to begin with; asked for when it is not given */
  [Command.showFolderChanges]: (folder: Uri, snapshot?: unknown) => Promise<DiffResult | undefined>;
  /** two snapshots in whatever order, or the selected nodes as `newer` */
  [Command.compareSelected]: (older: SnapshotArgument, newer: unknown) => Promise<DiffResult>;
  /** @param file the one in the active editor when it is not given; `undefined`: no snapshot holds it */
  [Command.showVersions]: (file?: SnapshotItem | Uri, menu?: unknown) => Promise<VersionsResult | undefined>;
  /**
   * The version before that of the comparison or past file in the active editor, or in another one in front that shows
   * `file`. Resolves to the version's address; `undefined`: there is none.
   */
  [Command.previousVersion]: (file?: Uri, menu?: unknown) => Promise<Uri | undefined>;
  [Command.nextVersion]: (file?: Uri, menu?: unknown) => Promise<Uri | undefined>;
  /** @param more further addresses, or the selected nodes, of the same source */
  [Command.restore]: (what?: SnapshotArgument, more?: unknown) => Promise<RestoreResult | undefined>;
  [Command.restoreTo]: (what: SnapshotArgument, folder?: unknown) => Promise<RestoreResult | undefined>;
  /**
   * All files that are deleted below a folder, or those that a person ticks; one result a source.
   * @param folder default: those that are open
   */
  [Command.restoreDeleted]: (folder?: Uri, menu?: unknown) => Promise<RestoreResult[] | undefined>;
  /** @param snapshot its id; asked for when it is not given */
  [Command.restoreFolder]: (folder: Uri, snapshot?: unknown) => Promise<RestoreResult | undefined>;
  /** @param file default: that of the active editor @param snapshot as above */
  [Command.restoreVersion]: (file?: Uri, snapshot?: unknown) => Promise<RestoreResult | undefined>;
  /** @param name of a source; default: the one that was restored last */
  [Command.undoRestore]: (name?: string) => Promise<RestoreResult | undefined>;
  /** @param turn its id, or a snapshot that holds changes of it; asked for when it is not given */
  [Command.undoTurn]: (turn?: SnapshotArgument, menu?: unknown) => Promise<RestoreResult | undefined>;
  [Command.findFile]: (glob?: string) => Promise<FindResult | undefined>;
  /**
   * Shows what it finds in its view, in place of what the search before has found, which ends. `undefined`: it was ended.
   * @param what the pattern, asked for when it is not given; or the folder, as menus give it
   * @param folder one of today: only what the snapshots hold of it
   */
  [Command.searchText]: (
    what?: string | Uri,
    folder?: unknown,
    options?: TextOptions,
  ) => Promise<TextSearchReply | undefined>;
  /** What is selected in the active editor, as it is written there. */
  [Command.searchSelection]: (menu?: unknown) => Promise<TextSearchReply | undefined>;
  [Command.cancelSearch]: () => Promise<void>;
  /** Ends the search and puts its view away. */
  [Command.clearSearch]: () => Promise<void>;
  /** @param more further ids, or the selected nodes */
  [Command.deleteSnapshot]: (snapshot: SnapshotArgument, more?: unknown) => Promise<DeleteResult | undefined>;
  /** @param name of a source; every one of this computer is cleaned up when it is not given */
  [Command.prune]: (name?: string) => Promise<PruneReply | undefined>;
  [Command.forgetSource]: (source: SourceItem | string) => Promise<DeleteResult | undefined>;
  /** @param text asked for when a node is given without it; `''` takes the label away */
  [Command.label]: (snapshot: SnapshotArgument, text?: unknown) => Promise<AnnotateResult | undefined>;
  [Command.pin]: (snapshot: SnapshotArgument, menu?: unknown) => Promise<AnnotateResult>;
  [Command.unpin]: (snapshot: SnapshotArgument, menu?: unknown) => Promise<AnnotateResult>;
  /** @param snapshot all are verified when it is not given */
  [Command.verify]: (snapshot?: SnapshotArgument, menu?: unknown) => Promise<VerifyResult | undefined>;
  [Command.rebuildIndex]: () => Promise<RebuildResult>;
  /** Resolves when the page shows its numbers. */
  [Command.showStorage]: () => Promise<StatsResult | undefined>;
  [Command.changeLocation]: (folder?: Uri) => Promise<{ location: string } | undefined>;
  [Command.revealInOS]: (item: SnapshotArgument | SourceItem, menu?: unknown) => Promise<void>;
  [Command.copyPath]: (item: SnapshotArgument | SourceItem, menu?: unknown) => Promise<string>;
  [Command.pauseAutoBackup]: () => Promise<void>;
  [Command.resumeAutoBackup]: () => Promise<void>;
  /** Resolves to whether it is on now. */
  [Command.turnOnAutoBackup]: () => Promise<boolean>;
  /** Of all snapshots that have no copy yet. */
  [Command.offsitePush]: () => Promise<OffsitePushResult | undefined>;
  [Command.offsiteCheck]: () => Promise<OffsiteCheckResult | undefined>;
  /** @param repository its address; default: that of the settings, which a person may change */
  [Command.offsiteRecover]: (repository?: string) => Promise<OffsiteRecoverResult | undefined>;
  /**
   * Resolves to the agents whose files it has written. Off in Restricted Mode.
   * @param agents `claude`, `codex`, `cursor`, `copilot`; asked for when they are not given
   */
  [Command.setUpAgents]: (agents?: readonly string[]) => Promise<string[] | undefined>;
  [Command.showChangesOnly]: () => Promise<void>;
  [Command.showAllFiles]: () => Promise<void>;
  [Command.showLog]: () => Promise<void>;
  [Command.refresh]: () => Promise<void>;
}

/** Those that can do nothing without an argument. */
type NeedingArgument = {
  [K in CommandId]: [] extends Parameters<CommandSignatures[K]> ? never : K;
}[CommandId];

/**
 * Menus of trees pass no node for an item that the editor shows and the extension no longer has, as in the moment of a refresh:
 * these commands are not called then. A forgotten one does not compile.
 */
export const NEEDS_ARGUMENT: Readonly<Record<NeedingArgument, true>> = {
  [Command.backupSource]: true,
  [Command.openFile]: true,
  [Command.compareWithCurrent]: true,
  [Command.compareWithPrevious]: true,
  [Command.showSnapshotChanges]: true,
  [Command.showChanges]: true,
  [Command.showFolderChanges]: true,
  [Command.compareSelected]: true,
  [Command.restoreTo]: true,
  [Command.restoreFolder]: true,
  [Command.deleteSnapshot]: true,
  [Command.forgetSource]: true,
  [Command.label]: true,
  [Command.pin]: true,
  [Command.unpin]: true,
  [Command.revealInOS]: true,
  [Command.copyPath]: true,
};

/**
 * Those of a tree's menus that without a node are about something else, the file of the active editor: from such a menu
 * they are not called without the node that it was opened on. (One that stands above a tree as well gets as little from
 * there, so nobody can tell: without a node it is about all snapshots, or asks.)
 */
export const ELSE_OF_ACTIVE_EDITOR: Partial<Record<Exclude<CommandId, NeedingArgument>, true>> = {
  [Command.restore]: true,
  [Command.showVersions]: true,
};

/** One handler a command: a forgotten one does not compile. */
export type CommandHandlers = { readonly [K in CommandId]: CommandSignatures[K] };

/**
 * What `activate` returns, so what `vscode.extensions.getExtension('phlb.phlb').exports` is: every command as a function,
 * under its name (`restore`) and its id (`phlb.restore`), with its arguments and its result. It asks nothing that it is
 * given, and rejects with what goes wrong. No link can reach it.
 */
export type PhlbApi = {
  readonly [K in keyof typeof Command]: CommandSignatures[(typeof Command)[K]];
} & CommandHandlers;

/** Registered, but in no menu: what a click on the status bar item runs. */
export const STATUS_MENU_COMMAND = '_phlb.statusMenu';

export const VIEW_CONTAINER = 'phlb';
export const View = { snapshots: 'phlb.snapshots', fileVersions: 'phlb.fileVersions', search: 'phlb.search' } as const;

/** The kinds of tree nodes, as `viewItem` in menus' `when` clauses. */
export const NodeKind = {
  source: 'source',
  /** an open folder that has no snapshot yet */
  newSource: 'source.new',
  /** of another computer: nothing can be backed up or restored to its place */
  remoteSource: 'source.remote',
  day: 'day',
  snapshot: 'snapshot',
  pinnedSnapshot: 'snapshot.pinned',
  /** what a turn of an agent has changed */
  turnSnapshot: 'snapshot.turn',
  pinnedTurnSnapshot: 'snapshot.pinned.turn',
  /** what a restore has replaced; `snapshot.safety` */
  safetySnapshot: 'snapshot.safety',
  /** its record cannot be read */
  brokenSnapshot: 'snapshot.broken',
  folder: 'folder',
  file: 'file',
  /** gone since the snapshot before, which has it; its address is there */
  deletedFile: 'file.deleted',
  deletedFolder: 'folder.deleted',
  more: 'more',
  /** in the File Versions view */
  version: 'version',
  /** there, the file of today */
  current: 'current',
  /** in the Search view: a file, a version of one, or a line */
  found: 'found',
} as const;
export type NodeKind = (typeof NodeKind)[keyof typeof NodeKind];

/** Keys that `when` clauses in `package.json` read, with their values. */
export interface ContextKeys {
  /** `unknown` until the snapshots are listed; `empty`: reachable, and there is none */
  'phlb.location': 'unknown' | 'empty' | 'reachable' | 'unreachable';
  'phlb.autoBackup': AutoBackupState;
  /** something has been restored from this window: a step of the walkthrough is done */
  'phlb.restored': boolean;
  /** whether the file of the active editor has versions in the store; not set before it is first looked at */
  'phlb.fileVersions': 'loading' | 'none' | 'noFile' | 'some';
  /** whether a search for text goes on, or has ended; its view is there then */
  'phlb.search': 'none' | 'running' | 'ended';
}

/** The scheme of past files. */
export const SCHEME = 'phlb';

/** `off`: by its setting, or because nobody has agreed to it (yet); `unknown`: for a moment after the start */
export type AutoBackupState = 'unknown' | 'off' | 'on' | 'paused';

export type AutoBackupMode = 'off' | 'onChange' | 'onSave' | 'interval';

/** How often copies are made off this machine. */
export type OffsiteSchedule = 'off' | 'hourly' | 'daily';

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
  'phlb.backup.protectFolders': boolean;
  'phlb.backup.checksum': boolean;
  'phlb.autoBackup.mode': AutoBackupMode;
  'phlb.autoBackup.intervalMinutes': number;
  'phlb.retention.keepLast': number;
  'phlb.retention.keepHourly': number;
  'phlb.retention.keepDaily': number;
  'phlb.retention.keepWeekly': number;
  'phlb.retention.keepMonthly': number;
  'phlb.retention.keepYearly': number;
  /** bytes that all snapshots together may take before a warning; `null`: never */
  'phlb.warnAtSize': number | null;
  /** files within seconds; 0: never */
  'phlb.warnOfMassChanges': number;
  /** restic's address; empty: none */
  'phlb.offsite.repository': string;
  /** the program; empty: `restic` of the search path */
  'phlb.offsite.resticPath': string;
  'phlb.offsite.schedule': OffsiteSchedule;
  'phlb.statusBar.enabled': boolean;
  'phlb.views.showChangesOnly': boolean;
}
export type SettingId = keyof SettingTypes;

/**
 * How each setting is read. Settings are typed by hand into a file, so a reader takes anything and makes the best of
 * it: a value of the wrong type counts as not given.
 */
export const settingReaders: { readonly [K in SettingId]: (value: unknown) => SettingTypes[K] } = {
  'phlb.backup.location': text,
  'phlb.backup.folders': value => strings(value),
  'phlb.backup.exclude': value => enabledGlobs(value),
  'phlb.backup.useGitignore': flag(false),
  'phlb.backup.maxFileSize': value =>
    typeof value === 'number' && value > 0 ? Math.round(value * BYTES_PER_MEGABYTE) : null,
  'phlb.backup.oneFileSystem': flag(false),
  'phlb.backup.protectFiles': flag(true),
  'phlb.backup.protectFolders': flag(false),
  'phlb.backup.checksum': flag(false),
  'phlb.autoBackup.mode': value => (value === 'off' || value === 'onSave' || value === 'interval' ? value : 'onChange'),
  'phlb.autoBackup.intervalMinutes': value =>
    typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, 0.1), MINUTES_PER_WEEK) : 10,
  'phlb.retention.keepLast': count(6),
  'phlb.retention.keepHourly': count(12),
  'phlb.retention.keepDaily': count(7),
  'phlb.retention.keepWeekly': count(4),
  'phlb.retention.keepMonthly': count(6),
  'phlb.retention.keepYearly': count(0),
  'phlb.warnAtSize': value => (typeof value === 'number' && value > 0 ? Math.round(value * BYTES_PER_GIGABYTE) : null),
  'phlb.warnOfMassChanges': count(25),
  'phlb.offsite.repository': text,
  'phlb.offsite.resticPath': text,
  'phlb.offsite.schedule': value => (value === 'hourly' || value === 'daily' ? value : 'off'),
  'phlb.statusBar.enabled': flag(true),
  'phlb.views.showChangesOnly': flag(false),
};

// As in `files.maxMemoryForLargeFilesMB` and its like.
const BYTES_PER_MEGABYTE = 1024 * 1024;
const BYTES_PER_GIGABYTE = 1024 * BYTES_PER_MEGABYTE;
// Longer, and `setTimeout` would overflow.
const MINUTES_PER_WEEK = 7 * 24 * 60;

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function flag(preset: boolean): (value: unknown) => boolean {
  return value => (typeof value === 'boolean' ? value : preset);
}

// Nonsense must not turn into a zero, which would delete, or warn of nothing.
function count(preset: number): (value: unknown) => number {
  return value => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : preset);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string').filter(item => item.trim() !== '') : [];
}

function enabledGlobs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([glob, on]) => (on === true ? [glob] : []));
}
