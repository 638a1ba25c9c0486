/** Where things stand in a backup root. Nobody else spells these names. */
import { basename, dirname, join } from 'node:path';
import { PhlbError } from '../words/errors.js';
import { pathKey } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import { parseStamp } from '../words/times.js';

/** `<source name>/<stamp>`, taken apart. */
export interface SnapshotName {
  name: string;
  stamp: string;
}

export class Layout {
  constructor(readonly root: string) {}

  get home(): string {
    return join(this.root, '.phlb');
  }
  get storeFile(): string {
    return join(this.home, 'store.json');
  }
  get lock(): string {
    return join(this.home, 'lock');
  }
  get manifests(): string {
    return join(this.home, 'manifests');
  }
  get partial(): string {
    return join(this.home, 'partial');
  }
  /** marks of damaged inodes */
  get damage(): string {
    return join(this.home, 'damaged.json');
  }
  /** how far the scrub has come */
  get scrub(): string {
    return join(this.home, 'scrub.json');
  }
  sourceFolder(name: string): string {
    return join(this.root, name);
  }
  tree({ name, stamp }: SnapshotName): string {
    return join(this.root, name, stamp);
  }
  manifest({ name, stamp }: SnapshotName): string {
    return join(this.manifests, name, `${stamp}.mtree.gz`);
  }
  record({ name, stamp }: SnapshotName): string {
    return join(this.manifests, name, `${stamp}.json`);
  }
  /** of a safety snapshot: what the restore that it was taken for has done */
  restoreNote({ name, stamp }: SnapshotName): string {
    return join(this.manifests, name, `${stamp}.restore.json.gz`);
  }
}

export function snapshotId({ name, stamp }: SnapshotName): string {
  return `${name}/${stamp}`;
}

/**
 * Takes an id or the path of a snapshot's tree apart. `latest` stays as the stamp.
 * @throws PhlbError `usage` when it is neither
 */
export function parseSnapshotName(layout: Layout, text: string): SnapshotName {
  const cut = text.replace(/[/\\]+$/, '');
  const own = isOwnTree(layout, cut) ? { name: basename(dirname(cut)), stamp: basename(cut) } : splitId(cut);
  if (own && isSourceName(own.name) && (own.stamp === 'latest' || parseStamp(own.stamp))) return own;
  throw new PhlbError('usage', phrase`Not the name of a snapshot`, {
    path: text,
    hint: phrase`use NAME/YYYY-MM-DD-HHMMSS, NAME/latest or the path of its folder`,
  });
}

/** Whether a folder's name can be a source's: no path, not PHLB's own. */
export function isSourceName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name) && name.toLowerCase() !== '.phlb';
}

function isOwnTree(layout: Layout, path: string): boolean {
  return pathKey(dirname(dirname(path))) === pathKey(layout.root);
}

function splitId(text: string): SnapshotName | undefined {
  const parts = text.split('/');
  return parts.length === 2 ? { name: parts[0] ?? '', stamp: parts[1] ?? '' } : undefined;
}
