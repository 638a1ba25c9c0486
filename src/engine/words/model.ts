/**
 * The words of the engine as types. What the command line prints with `--json` is exactly these results, so their
 * field names are an interface that others script against.
 *
 * Units: sizes are bytes, `…At` times ISO-8601 UTC strings, paths relative to the source with `/` between components.
 * A path that is not valid UTF-8 carries each offending byte as a lone surrogate U+DC80…U+DCFF (see `names.ts`).
 */
import type { Phrase } from './phrase.js';
import type { TurnInfo, TurnPart } from './turns.js';

/** Where one store lives for this host. All absolute. */
export interface StoreLocation {
  /** the backup root */
  root: string;
  /** folder of the index databases */
  index: string;
  /** PHLB's state folder on this host: host id and remembered roots */
  state: string;
}

/** What is left out of a snapshot. A source remembers its rules. */
export interface Rules {
  /** minimatch globs against the path relative to the source; one that matches a directory keeps it from being entered */
  exclude: string[];
  /** also obey `.gitignore` files (`.phlbignore` files always are) */
  useGitignore: boolean;
  /** bytes; `null`: no limit */
  maxFileSize: number | null;
  oneFileSystem: boolean;
}

/** The rules of one run: those of the source, and how what lies in the source itself was taken. */
export interface RulesInForce extends Rules {
  /**
   * `git`: ignore files as git takes them; `anyCase`: likewise, without case; `none`: neither they nor `CACHEDIR.TAG` leave
   * anything out, since nobody trusts the source; missing: as versions of PHLB did that did not record it, without case
   */
  ignoreFiles?: 'git' | 'anyCase' | 'none' | undefined;
}

export type EntryType = 'file' | 'dir' | 'link' | 'fifo' | 'socket' | 'device';

/** A path that could not be stored, restored or read, and why. `code` is the system's (`EACCES`) or one of PHLB's own. */
export interface PathError {
  path: string;
  code: string;
  message: string;
}

export interface ExcludedCount {
  rule: string;
  directories: number;
  files: number;
}

/** Counts of one run. `files = unchangedFiles + linkedFiles + copiedFiles`. */
export interface SnapshotCounts {
  files: number;
  directories: number;
  symlinks: number;
  bytes: number;
  /** linked without being read */
  unchangedFiles: number;
  /** read, and their content found in the store */
  linkedFiles: number;
  copiedFiles: number;
  copiedBytes: number;
  linkedBytes: number;
}

export type SnapshotKind = 'snapshot' | 'safety';

export interface BackupRequest {
  location: StoreLocation;
  /** absolute path of the folder to back up */
  source: string;
  /** the source's name in the store; default: the folder's name */
  name?: string;
  /** let the source of that name, made at another path, go on here */
  adopt?: boolean;
  /** omitted fields: what the source remembers, or the defaults; given ones are remembered */
  rules?: Partial<Rules>;
  /** `false`: nothing that lies in the source decides what is left out; not remembered; default true */
  trusted?: boolean;
  /** read every file, whatever its times say */
  checksum?: boolean;
  /** take no snapshot when nothing has changed */
  skipUnchanged?: boolean;
  dryRun?: boolean;
  /** found a new store where a remembered one is missing */
  init?: boolean;
  /** a name for people (`label.ts`) */
  label?: string;
  /** who or what takes it (`turns.ts`); default: nobody says */
  cause?: string;
  /** the turn of a coding agent that it belongs to. Where nothing has changed, the newest snapshot is marked with it */
  turn?: RunOfTurn;
  /** take write permission from newly stored files; default true */
  protectFiles?: boolean;
  /** take it from the folders of new snapshots, too; the store remembers it. Default: what it remembers, else no */
  protectFolders?: boolean;
  /** `false`: publish without waiting until all is on the disk, which a power loss may then undo or damage; default true */
  flush?: boolean;
}

interface RunOfTurn {
  /** one that no other turn has */
  id: string;
  /** default: `before` for the first run of a turn, `after` for each later one */
  part?: TurnPart;
}

/**
 * `emptied`: nothing was stored although an earlier snapshot holds files; told by each run until there are files again.
 * `unmatched`: a rule left nothing out; told by dry runs.
 */
export interface BackupWarning {
  code: 'emptied' | 'unmatched';
  message: string;
}

export interface BackupResult extends SnapshotCounts {
  /** `null` when no snapshot was published (nothing had changed, or a dry run) */
  id: string | null;
  name: string;
  source: string;
  /** the snapshot's tree on disk; `null` as for `id` */
  path: string | null;
  startedAt: string;
  finishedAt: string;
  published: boolean;
  excluded: ExcludedCount[];
  /** stored files found changed since they were stored; their contents were stored again */
  damaged: { path: string; snapshot: string }[];
  /** what the user should look at although nothing failed */
  warnings: BackupWarning[];
  errors: PathError[];
  /** further things worth telling, one sentence each (no hardlinks here, inodes not stable, lock taken over…) */
  notes: string[];
}

export interface SnapshotInfo {
  /** `<source name>/<YYYY-MM-DD-HHMMSS>` */
  id: string;
  kind: SnapshotKind;
  /** the tree on disk */
  path: string;
  startedAt: string;
  files: number;
  bytes: number;
  copiedBytes: number;
  /**
   * files that are not those of the previous snapshot, copied or linked after reading, plus those no longer there; without
   * those in git repositories
   */
  changedFiles: number;
  label: string | null;
  pinned: boolean;
  /** who or what took it; `null`: nobody said */
  cause: string | null;
  /** the turns of coding agents that it belongs to, oldest first */
  turns: TurnInfo[];
  errors: number;
  /** set when the record cannot be read: why */
  problem?: string;
  /** absolute path of the folder that it is of, where that is not its source: a safety snapshot of a restore elsewhere */
  folder?: string;
  /** of a safety snapshot: the restore that it was taken for; missing: a version of PHLB took it that did not record that */
  restore?: RestoreSummary;
}

/** What a restore did, for its safety snapshot to be known by. */
export interface RestoreSummary {
  /** `undo` takes a restore back, `redo` an undo */
  does: 'restore' | 'undo' | 'redo';
  /** the first of what it replaced or removed; where it did neither, of what it put there; `''`: it set times of folders only */
  path: string;
  /** how many these are; a folder counts only where it is one without anything in it */
  count: number;
  /** whether it replaced or removed anything, which then is in the safety snapshot */
  saved: boolean;
}

export interface SourceInfo {
  name: string;
  /** absolute path of the source folder on its host */
  source: string;
  /** whether the source belongs to this host */
  local: boolean;
  /** oldest first */
  snapshots: SnapshotInfo[];
}

export interface ListRequest {
  location: StoreLocation;
  name?: string;
  /** safety snapshots too */
  all?: boolean;
  /** absolute paths of folders that are open: a source of this host that is one of them is told by that path */
  folders?: readonly string[];
}

export interface ListResult {
  /** hex id of the store */
  storeId: string;
  sources: SourceInfo[];
}

export interface LsRequest {
  location: StoreLocation;
  /** id, `<name>/latest`, or the path of a tree on disk */
  snapshot: string;
  path?: string;
}

export interface LsEntry {
  path: string;
  type: EntryType;
  size: number;
  mtime: string;
  /** four octal digits */
  mode: string;
  sha256?: string;
  target?: string;
}

export interface LsResult {
  entries: LsEntry[];
}

export interface RestoreRequest {
  location: StoreLocation;
  snapshot: string;
  /** relative to the source; empty: everything */
  paths: string[];
  /** what else comes back in the same go, from other snapshots of the same source; not with `delete` */
  also?: { snapshot: string; paths: string[] }[];
  /** absolute; default: the source folder itself */
  to?: string;
  /** absolute paths: the target must be one of these folders or lie in them, wherever symlinks lead; default: any target */
  within?: readonly string[];
  /** replace files that differ; they are saved in a safety snapshot first. Always on without `to` */
  overwrite?: boolean;
  /** remove what the snapshot does not hold although its rules would have stored it; saved first likewise */
  delete?: boolean;
  /**
   * In place, whether git repositories that are there and differ are rewound too. Default: only what of them `paths` names;
   * `false`: not even that
   */
  git?: boolean;
  /** absolute paths of files with unsaved changes in an editor: they are left, and named in the errors */
  unsaved?: string[];
  /** only tell what would be done */
  dryRun?: boolean;
}

/** What a restore would have changed and has left as it is, on purpose. */
export interface LeftPath {
  path: string;
  /**
   * `repository`: a git repository that is there is not rewound unasked; `changed`: of what a turn did, somebody else has
   * changed this
   */
  reason: 'repository' | 'changed';
  /** only the removal of what is newer would have changed it */
  newer?: true;
}

export interface RestoreResult {
  created: { path: string }[];
  overwritten: { path: string }[];
  deleted: { path: string }[];
  unchanged: number;
  left: LeftPath[];
  safetySnapshot: string | null;
  errors: PathError[];
  /** of a dry run: which of what is created or overwritten can run (`can-run.ts`), what does so unasked first */
  runnable?: string[];
  /** further things worth telling, one sentence each */
  notes: string[];
}

export interface VerifyRequest {
  location: StoreLocation;
  /** empty: all */
  snapshots: string[];
  /** sizes, times and presence only */
  quick?: boolean;
  /** heal what is damaged; not with `quick` */
  heal?: boolean;
}

/** `time`: a stored file has another time than was recorded; its content is right, or (`quick`) was not looked at */
export type Problem = 'content' | 'missing' | 'extra' | 'size' | 'time' | 'type' | 'target';

export interface VerifyResult {
  snapshots: number;
  /** names */
  filesChecked: number;
  /** each inode once */
  bytesChecked: number;
  /** all that was found, healed or not; an empty path: the snapshot's record or manifest cannot be read */
  damaged: { snapshot: string; path: string; problem: Problem }[];
  healed: { snapshot: string; path: string }[];
  /** further things worth telling, one sentence each */
  notes: string[];
}

/** How far a call has come. `total…` are there when known. */
export interface Progress {
  phase:
    | 'waiting'
    | 'scanning'
    | 'flushing'
    | 'indexing'
    | 'verifying'
    | 'restoring'
    | 'salvaging'
    | 'measuring'
    | 'deleting'
    | 'asking'
    | 'sending'
    | 'fetching'
    | 'searching';
  files: number;
  bytes: number;
  totalFiles?: number;
  totalBytes?: number;
  /** a guess at `totalFiles` where that is not known: as many as the previous snapshot holds */
  expectedFiles?: number;
  /** what is being waited for, in words */
  detail?: Phrase;
  /** told once, before anything is stored: it may be more (bytes) than is free on the disk of the backup location */
  shortage?: { needed: number; free: number };
}
