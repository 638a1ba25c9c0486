/** What restic's snapshots are known by: a host for the store, tags for the snapshot (docs/offsite.md). */
import { isSourceName, snapshotId, type SnapshotName } from '../store/layout.js';
import { nameFromBuffer, nameToBuffer } from '../words/names.js';
import { parseStamp } from '../words/times.js';

/** On everything of PHLB's. */
export const PHLB_TAG = 'phlb';
/** On the list of sources with all manifests and records. */
export const META_TAG = 'phlb-meta';

const HOST = /^phlb-([0-9a-f]{16})$/;

export function hostOf(storeId: string): string {
  return `phlb-${storeId}`;
}

/** The id of the store that a restic snapshot is of; `undefined`: of none. */
export function storeOf(host: string): string | undefined {
  return HOST.exec(host)?.[1];
}

/** restic splits tags at commas, so all but the plainest bytes of a name are written as `%2C`. */
export function tagOf(id: SnapshotName): string {
  let encoded = '';
  for (const byte of nameToBuffer(snapshotId(id))) {
    const char = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9._/-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return `${PHLB_TAG}:${encoded}`;
}

/** The snapshot that a tag names; `undefined`: it is another tag, or nonsense. */
export function snapshotOf(tag: string): SnapshotName | undefined {
  const [, encoded] = /^phlb:((?:[A-Za-z0-9._/-]|%[0-9A-F]{2}){1,4096})$/.exec(tag) ?? [];
  if (encoded === undefined) return undefined;
  const bytes = (encoded.match(/%..|./g) ?? []).map(part =>
    part.length === 3 ? parseInt(part.slice(1), 16) : part.charCodeAt(0),
  );
  const text = nameFromBuffer(Buffer.from(bytes));
  const cut = text.lastIndexOf('/');
  const id = { name: text.slice(0, cut), stamp: text.slice(cut + 1) };
  return cut > 0 && isSourceName(id.name) && parseStamp(id.stamp) ? id : undefined;
}
