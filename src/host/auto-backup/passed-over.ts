import { nameAtAnyDepth } from '../../engine/words/globs.js';

/** More names than a person writes; the engine knows the others. */
const MAX_NAMES = 200;

/**
 * Which changes in a folder are nobody's business, told by their paths alone, since an installation makes thousands: what rules
 * leave out by its name, what PHLB and the editor write for themselves, and the locks that git takes for a moment. What passes
 * may still be left out; the engine knows.
 * @param globs `phlb.backup.exclude`
 * @param own relative paths of folders
 */
export function passedOver(globs: readonly string[], own: readonly string[]): (path: string) => boolean {
  const names = globs.flatMap(glob => {
    const name = nameAtAnyDepth(glob);
    return name === undefined ? [] : [escaped(name) + (glob.endsWith('/') ? '/' : '(?:/|$)')];
  });
  const folders = own.map(path => `^${escaped(path)}(?:/|$)`);
  const parts = [...folders, '(?:^|/)\\.git/(?:.*/)?[^/]*\\.lock$'];
  if (names.length > 0) parts.push(`(?:^|/)(?:${names.slice(0, MAX_NAMES).join('|')})`);
  const pattern = new RegExp(parts.join('|'), 's');
  return path => pattern.test(path);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
