/** What a thread of the pool can be asked to do. Everything here is plain data, fit for `postMessage`. */
import type { FolderId } from '../files/held-folder.js';
import type { PathError } from '../words/model.js';
import type { ComparedDirectory, ComparisonTally, DirectoryToCompare } from '../scan/compared-directory.js';
import type { Trust } from '../scan/unchanged.js';
import type { WalkSettings } from '../scan/walk-directory.js';
import type { Inspection, InspectRequest } from './inspect-tree.js';
import type { MatchedEntry, MatchRequest, NamesRequest, StoredName } from './stored-names.js';
import type { DamageMark } from '../store/damage.js';
import type { LostLines, LostRequest, SearchReply, SearchRequest } from '../search/search-files.js';
import type { Owner } from '../files/ownership.js';
import type { RemoveRequest } from '../store/trash.js';
import type { CopyRequest } from '../transfer/checked-copy.js';
import type { HashReply } from '../transfer/hash-stored.js';
import type { PlaceReply, PlaceRequest, ReadReply, ReadRequest, TransferSettings } from '../transfer/requests.js';
import type { SharedContents } from '../transfer/run-contents.js';
import type { Measured, MeasureRequest } from './measure-tree.js';

/** Sent to each thread once, before a run's first job on it. */
export interface ThreadSetup {
  source: FolderId;
  walk: WalkSettings;
  trust: Trust;
  /** the last manifest */
  previous: SharedArrayBuffer | null;
  /** `null`: the run only compares */
  writing: WritingSetup | null;
  /** one Int32, non-zero: stop */
  cancel: SharedArrayBuffer;
}

/** Where a tree is written to, and out of what. */
export interface WritingSetup extends TransferSettings {
  /** the last snapshot's tree, absolute */
  lastTree: string | null;
  /** whether stored symlinks can be given times */
  linkTimes: boolean;
  /** who gets the tree's folders; `null`: nobody else */
  owner: Owner | null;
  /** stored files that are never linked, whatever their size and mtime say */
  damaged: DamageMark[];
  /** what lets a thread place files without asking; `null`: it asks */
  contents: SharedContents | null;
}

export interface DirectoryTimes {
  path: string;
  mode: number;
  /** microseconds */
  mtime: number;
}

export interface DirectoryToWalk extends DirectoryToCompare, DirectoryTimes {}

export interface WalkReply {
  compared: ComparedDirectory[];
  tally: ComparisonTally;
}

interface HashRequest {
  /** absolute paths of stored files, or relative ones of what is in `within` */
  paths: string[];
  within?: FolderId;
  /** also their SHA-512, for the hash files of PyHardLinkBackup 0.x */
  sha512?: boolean;
  cancel: SharedArrayBuffer;
}

/** `cancel`: one Int32, non-zero: stop */
type Cancellable<T> = T & { cancel: SharedArrayBuffer };

/** Each kind of job with its request and its reply. */
export interface Jobs {
  setup: [ThreadSetup, void];
  /** forgets what the call was about: the next job is another call's */
  letGo: [null, void];
  /** compares directories with the last manifest, and has what need not be read written */
  walk: [DirectoryToWalk[], WalkReply];
  /** reads files, and places those that it may */
  read: [ReadRequest[], ReadReply[]];
  place: [PlaceRequest[], PlaceReply[]];
  /** mode and time of finished directories of the tree; where they could not be set, why */
  finish: [DirectoryTimes[], PathError[]];
  hash: [HashRequest, HashReply[]];
  inspect: [InspectRequest, Inspection];
  names: [NamesRequest, StoredName[] | null];
  match: [MatchRequest, MatchedEntry[] | null];
  /** `null`: done; else why not */
  copy: [CopyRequest, PathError | null];
  measure: [MeasureRequest, Measured];
  /** tells of the files that there is anything to tell of */
  search: [Cancellable<SearchRequest>, SearchReply[]];
  lost: [Cancellable<LostRequest>, LostLines[]];
  /** absolute path of a tree in the trash */
  remove: [RemoveRequest, null];
}
export type JobName = keyof Jobs;
