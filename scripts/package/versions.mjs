// What a release does to versions and to the changelog.

/**
 * Whether `version` is `MAJOR.MINOR.PATCH` and comes after `current`: the Marketplace knows no other form.
 * @param {string} version
 * @param {string} current
 */
export function isNewer(version, current) {
  if (!/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(version)) return false;
  const old = current.split('.').map(Number);
  for (const [at, part] of version.split('.').map(Number).entries()) {
    const before = old[at] ?? 0;
    if (part !== before) return part > before;
  }
  return false;
}

/**
 * @param {string} text the changelog, with what is new below `## Unreleased`
 * @param {string} version
 * @param {string} date YYYY-MM-DD
 * @returns the same with that under the version's name, and `## Unreleased` empty above it
 * @throws Error when nothing is new
 */
export function datedChangelog(text, version, date) {
  const [, rest] = text.split('## Unreleased\n');
  if (!rest?.split(/^## /m)[0]?.trim()) throw new Error('CHANGELOG.md has nothing below "## Unreleased"');
  return text.replace('## Unreleased\n', `## Unreleased\n\n## ${version} - ${date}\n`);
}
