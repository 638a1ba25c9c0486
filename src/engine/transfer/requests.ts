/** What the transfer of a file is told, asked and answers. Plain data, fit for `postMessage`. */
import type { FileFacts } from '../words/contents.js';
import type { PathError } from '../words/model.js';
import type { LinkCandidate } from './candidate.js';

/** Where it writes to, and what that can. */
export interface TransferSettings {
  /** the tree that is being made, absolute */
  tree: string;
  /** whether stored files can be linked */
  hardlinks: boolean;
  /** whether stored files keep their mode bits */
  modes: boolean;
  /** whether stored files and folders can be given times */
  times: boolean;
  protectFiles: boolean;
}

export interface ReadRequest {
  id: number;
  path: string;
  /** as the walk saw it, bytes */
  size: number;
}

/** A file that was read, and is held until it is placed; or one that has its place already. */
export type ReadReply = { id: number; facts: FileFacts } | { id: number; error: PathError } | Placed;

export interface PlaceRequest {
  id: number;
  /** tried in turn */
  candidates: LinkCandidate[];
  /** when none of them can be linked: write the content; otherwise keep it and say so */
  orWrite: boolean;
}

export interface Placed {
  id: number;
  how: 'linked' | 'copied';
  facts: FileFacts;
  storedMtime: number;
  damaged: LinkCandidate[];
  /** it is linked to one whose content was right under another time */
  retimed?: true;
}

export type PlaceReply =
  Placed | { id: number; refused: true; damaged: LinkCandidate[] } | { id: number; error: PathError };
