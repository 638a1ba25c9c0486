/** What a thread of the pool can be asked to do. Everything here is plain data, fit for `postMessage`. */
import type { PathError, Rules } from '../model.js';
import type { DirectoryScan, ScanDirectory } from '../scan/directory.js';

/** Sent to each thread once, before its first job. */
export interface RunSetup {
  source: string;
  /** the tree being written; `null`: only compare and hash */
  tree: string | null;
  previous: { tree: string; id: string; manifest: SharedArrayBuffer } | null;
  rules: Rules;
  leaveOut: string | null;
  only: string[] | null;
  device: bigint;
  racyFrom: bigint;
  trustCtime: boolean;
  trustInode: boolean;
  checksum: boolean;
  hardlinks: boolean;
  protectFiles: boolean;
  /** one Int32, non-zero: stop */
  cancel: SharedArrayBuffer;
}

export interface ReadRequest {
  id: number;
  path: string;
  /** `keep`: small ones in memory, large ones written in the same pass; `hash`: only hash */
  stage: 'keep' | 'hash';
}

/** The facts of a file that was read, as its manifest line needs them. */
export interface FileFacts {
  sha256: string;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  mtime: bigint;
  ctime: bigint;
  inode: bigint;
  dev: bigint;
  nlink: bigint;
  unstable: boolean;
}

export type ReadReply =
  | { id: number; facts: FileFacts; /** microseconds; set when the file was written already */ storedMtime?: number }
  | { id: number; error: PathError };

/** A stored file that should have the wanted content. */
export interface LinkCandidate {
  /** absolute */
  path: string;
  /** microseconds; `null`: not known, so it is hashed before it is trusted */
  storedMtime: number | null;
  /** what to name it by if it turns out damaged */
  snapshot: string;
  name: string;
}

export interface PlaceRequest {
  id: number;
  /** tried in turn; when none can be linked the content is written */
  candidates: LinkCandidate[];
}

export type PlaceReply =
  | { id: number; how: 'linked' | 'copied'; facts: FileFacts; storedMtime: number; damaged: LinkCandidate[] }
  | { id: number; error: PathError };

export interface DirectoryTimes {
  path: string;
  mode: number;
  /** microseconds */
  mtime: number;
}

export interface HashReply {
  sha256?: string;
  size: number;
  error?: PathError;
}

/** Each kind of job with its request and its reply. */
export interface Jobs {
  setup: [RunSetup, null];
  scan: [ScanDirectory[], DirectoryScan[]];
  read: [ReadRequest[], ReadReply[]];
  place: [PlaceRequest[], PlaceReply[]];
  /** mode and time of finished directories of the tree */
  finish: [DirectoryTimes[], null];
  /** absolute paths of stored files */
  hash: [{ paths: string[]; cancel: SharedArrayBuffer }, HashReply[]];
}
export type JobName = keyof Jobs;
