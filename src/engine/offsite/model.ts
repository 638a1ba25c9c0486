/**
 * Copies of snapshots on another machine, in a restic repository: what is asked for and what comes of it. What the command
 * line prints with `--json` is these results. Units as in `words/model.ts`.
 */
import type { PathError, RestoreResult, StoreLocation } from '../words/model.js';
import type { KeepReason, RetentionRules } from '../words/retention.js';

/** A repository, and what restic needs to reach it. */
export interface OffsiteTarget {
  /** restic's address; missing: what the environment says. User and password in it are shown to nobody */
  repository?: string;
  /** the program; default: `restic` of the search path */
  restic?: string;
  /** what is added to its environment, which has the password and a back end's keys. Never written anywhere */
  secrets?: Record<string, string>;
  /** seconds that a repository may keep silent when it is asked something; default 60 */
  patience?: number;
}

export interface OffsiteRequest {
  location: StoreLocation;
  target: OffsiteTarget;
}

export interface OffsiteInitResult {
  /** as it may be shown */
  repository: string;
  /** `false`: there was one already, and this password opens it */
  created: boolean;
}

export interface OffsitePushRequest extends OffsiteRequest {
  /** ids; empty: all that there are */
  snapshots: string[];
  /** of those only the newest of each source, and pinned and labelled ones */
  newest?: boolean;
  /** only tell what would be copied */
  dryRun?: boolean;
}

export interface OffsitePushResult {
  repository: string;
  /** of a dry run: what would be, with zeros */
  uploaded: { id: string; bytesAdded: number; files: number; seconds: number }[];
  /** that were there already */
  skipped: number;
  /** that were asked for and are still not there */
  pending: number;
  lastPush: string | null;
  /** by ids of snapshots, or `ID/PATH` for what of one could not be read */
  errors: PathError[];
  notes: string[];
}

export interface OffsiteStatusRequest extends OffsiteRequest {
  /** only what this computer remembers: the repository is not asked */
  remembered?: boolean;
}

export interface OffsiteStatusResult {
  repository: string;
  /** `null`: none was ever made, or it is not known here */
  lastPush: string | null;
  lastCheck: string | null;
  /** snapshots that have no copy, oldest first */
  pending: string[];
  /** of those, what a scheduled push would copy */
  pendingNewest: string[];
  /** snapshots that have one, also those that stand here no more */
  copies: string[];
  /** what the repository takes there; `null`: not known */
  bytes: number | null;
}

export interface OffsiteCheckRequest extends OffsiteRequest {
  /** its structure only, without reading all data */
  quick?: boolean;
}

export interface OffsiteCheckResult {
  repository: string;
  copies: number;
  bytes: number | null;
  /** what restic found, a line each */
  errors: PathError[];
  notes: string[];
}

export interface OffsiteStoresResult {
  repository: string;
  stores: {
    id: string;
    /** names, sorted */
    sources: string[];
    copies: number;
    /** when the last one was made */
    last: string | null;
  }[];
}

export interface OffsiteRecoverRequest extends OffsiteRequest {
  /** this one only */
  snapshot?: string;
  /** absolute: the newest recovered snapshot comes back there as a folder to work in */
  to?: string;
  /** id of the store, where the repository holds copies of several */
  store?: string;
}

export interface OffsiteRecoverResult {
  repository: string;
  /** that were recovered by this call */
  snapshots: number;
  ids: string[];
  /** that stood here already */
  skipped: number;
  /** bytes of contents that came from the repository */
  fetchedBytes: number;
  /** names that are another link to, or a copy of, a content that was here */
  linkedFiles: number;
  /** by `ID/PATH`: what could not be recovered */
  errors: PathError[];
  restored: RestoreResult | null;
  notes: string[];
}

export interface OffsiteForgetRequest extends OffsiteRequest {
  /** of one source; default: of each */
  name?: string;
  /** without any, nothing is deleted */
  rules: RetentionRules;
  /** these copies instead, as far as there are any, whatever the rules say (pinned ones too): what was purged must not stay there */
  snapshots?: string[];
  dryRun?: boolean;
}

export interface OffsiteForgetResult {
  repository: string;
  kept: { id: string; reasons: KeepReason[] }[];
  deleted: string[];
  /** what the repository takes less; 0 where it cannot be told */
  freedBytes: number;
  errors: PathError[];
  notes: string[];
}
