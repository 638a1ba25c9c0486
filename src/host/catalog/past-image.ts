import { posix } from 'node:path';
import type { Uri } from 'vscode';
import { SCHEME } from '../../contributions.js';
import type { DateFormat } from '../editor/dates.js';

/** what the editor opens as an image */
const IMAGE = /\.(avif|bmp|gif|ico|jpe|jpeg|jpg|png|webp)$/i;
const QUERY = 'name=';

/**
 * The address of a past file for one side of a comparison. VS Code (1.139) names a comparison of images after their addresses,
 * whatever title it was given: that of an image is in the same folder as `logo (Today 21:40).png`, its own name in the query.
 * @param takenAt when its snapshot was started
 */
export function comparedAddress(uri: Uri, takenAt: string, dates: DateFormat): Uri {
  const { dir, base, name, ext } = posix.parse(uri.path);
  if (uri.scheme !== SCHEME || uri.query !== '' || !IMAGE.test(base)) return uri;
  const when = dates.short(new Date(takenAt)).replaceAll('/', '-');
  return uri.with({ path: posix.join(dir, `${name} (${when})${ext}`), query: `${QUERY}${base}` });
}

/** The address that such a one stands for; every other one as it is. */
export function ownAddress(uri: Uri): Uri {
  const base = uri.query.startsWith(QUERY) ? uri.query.slice(QUERY.length) : '';
  if (base === '' || base.includes('/')) return uri;
  return uri.with({ path: posix.join(posix.dirname(uri.path), base), query: '' });
}
