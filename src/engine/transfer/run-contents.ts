import { contentNumber, type FileFacts } from '../words/contents.js';
import { Claims, type Claim, type ClaimsMemory, type Place } from './claims.js';
import { ContentNumbers } from '../words/content-numbers.js';

/** Fit for `postMessage`. */
export interface SharedContents {
  /** what this run has met */
  claims: ClaimsMemory;
  /** what may be in the snapshots (`ContentNumbers`) */
  stored: SharedArrayBuffer;
}

/** What a thread knows of contents without asking. */
export class RunContents {
  private readonly claims: Claims;
  private readonly stored: ContentNumbers;

  constructor({ claims, stored }: SharedContents) {
    this.claims = new Claims(claims);
    this.stored = new ContentNumbers(stored);
  }

  /** As `Claims.take`. `ask`: it may be in a snapshot, and no file of this run is known to have it. */
  claim({ sha256, mode }: FileFacts, path: string): Claim | 'ask' {
    const bits = mode & 0o555;
    const isKnown = !this.stored.isEmpty && this.stored.has(contentNumber(sha256, bits));
    return isKnown ? (this.claims.find(sha256, bits) ?? 'ask') : this.claims.take(sha256, bits, path);
  }

  /** Of one that was claimed. */
  placed({ sha256, mode }: FileFacts, place: Place): void {
    this.claims.placed(sha256, mode & 0o555, place);
  }

  /** Of one that was claimed: it could not be placed. */
  failed({ sha256, mode }: FileFacts): void {
    this.claims.failed(sha256, mode & 0o555);
  }
}
