// What a release does to versions and to the changelog.

/** Whether `version` is `MAJOR.MINOR.PATCH` and comes after `current`: the Marketplace knows no other form. */
export function isNewer(version, current) {
  if (!/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(version)) return false;
  const [old, next] = [current, version].map(text => text.split('.').map(Number));
  const at = next.findIndex((part, i) => part !== old[i]);
  return at >= 0 && next[at] > old[at];
}

/**
 * @param text the changelog, with what is new below `## Unreleased`
 * @param date YYYY-MM-DD
 * @returns the same with that under the version's name, and `## Unreleased` empty above it
 * @throws Error when nothing is new
 */
export function datedChangelog(text, version, date) {
  const [, rest] = text.split('## Unreleased\n');
  if (!rest?.split(/^## /m)[0].trim()) throw new Error('CHANGELOG.md has nothing below "## Unreleased"');
  return text.replace('## Unreleased\n', `## Unreleased\n\n## ${version} - ${date}\n`);
}
