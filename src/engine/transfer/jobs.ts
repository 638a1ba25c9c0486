/** What a thread of the pool can be asked to do. Everything here is plain data, fit for `postMessage`. */
import type { FileFacts } from '../contents.js';
import type { FolderId } from '../held-folder.js';
import type { PathError, RulesInForce } from '../model.js';
import type { DirectoryScan, ScanDirectory, ScanSettings, ScanTally } from '../scan/scan.js';
import type { Inspection, InspectRequest } from '../scan/inspect.js';
import type { MatchedEntry, MatchRequest, NamesRequest, StoredName } from '../scan/stored-names.js';
import type { DamageMark } from '../store/damage.js';
import type { Owner } from '../store/ownership.js';
import type { RemoveRequest } from '../store/trash.js';
import type { CopyRequest } from './checked-copy.js';
import type { Measured, MeasureRequest } from './measure.js';

/** Sent to each thread once, before its first job. */
export interface RunSetup extends ScanSettings {
  source: FolderId;
  previous: { tree: string; manifest: SharedArrayBuffer } | null;
  rules: RulesInForce;
  only: string[] | null;
  /** whether stored files keep their mode bits */
  modes: boolean;
  /** whether stored files and folders can be given times */
  times: boolean;
  protectFiles: boolean;
  /** who gets the tree's folders; `null`: nobody else */
  owner: Owner | null;
  /** stored files that are never linked, whatever their size and mtime say */
  damaged: DamageMark[];
  /** set where no content can be known but from this run itself (`Claims`) */
  claims: SharedArrayBuffer | null;
  /** one Int32, non-zero: stop */
  cancel: SharedArrayBuffer;
}

export interface ScanReply {
  /** a directory without pending files has its mode and time */
  scans: DirectoryScan[];
  tally: ScanTally;
}

export interface ReadRequest {
  id: number;
  path: string;
  /** as the walk saw it, bytes */
  size: number;
  /** `keep`: small ones in memory, large ones written in the same pass; `hash`: only hash */
  stage: 'keep' | 'hash';
}

export type ReadReply =
  | { id: number; facts: FileFacts; /** microseconds; set when the file was written already */ storedMtime?: number }
  | { id: number; error: PathError };

/** A stored file that should have the wanted content. */
export interface LinkCandidate {
  /** absolute */
  path: string;
  /** microseconds; `null`: not known */
  storedMtime: number | null;
  /** hash it before it is trusted, also where size and mtime are the recorded ones */
  doubted?: true;
  /** what to name it by if it turns out damaged */
  snapshot: string;
  name: string;
}

export interface PlaceRequest {
  id: number;
  /** tried in turn */
  candidates: LinkCandidate[];
  /** when none of them can be linked: write the content; otherwise keep it and say so */
  orWrite: boolean;
}

export type PlaceReply =
  | {
      id: number;
      how: 'linked' | 'copied';
      facts: FileFacts;
      storedMtime: number;
      damaged: LinkCandidate[];
      /** it is linked to one whose content was right under another time */
      retimed?: true;
    }
  | { id: number; refused: true; damaged: LinkCandidate[] }
  | { id: number; error: PathError };

export interface DirectoryTimes {
  path: string;
  mode: number;
  /** microseconds */
  mtime: number;
}

interface HashRequest {
  /** absolute paths of stored files, or relative ones of what is in `within` */
  paths: string[];
  within?: FolderId;
  /** also their SHA-512, for the hash files of PyHardLinkBackup 0.x */
  sha512?: boolean;
  cancel: SharedArrayBuffer;
}

export interface HashReply {
  sha256?: string;
  sha512?: string;
  size: number;
  error?: PathError;
}

/** Each kind of job with its request and its reply. */
export interface Jobs {
  setup: [RunSetup, null];
  scan: [ScanDirectory[], ScanReply];
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
  /** absolute path of a tree in the trash */
  remove: [RemoveRequest, null];
}
export type JobName = keyof Jobs;
