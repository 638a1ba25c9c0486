// A course: rounds of rows on one or more grounds.
import { join } from 'node:path';
import { runRound } from './round.mjs';
import { closeSite, openSite } from './site.mjs';

/**
 * @param makeTree(path) makes the tree of a site
 * @param bytesPerRound what all contestants together take in one round; on a disk all rounds stay until the end (round.mjs)
 * @param options more for `runRound`, and `hasTime`
 * @returns what courseReport (course-report.mjs) shows
 */
export async function runCourse({ grounds, rounds, rows, contestants, makeTree, bytesPerRound, remarks, ...options }) {
  const places = [];
  for (const ground of grounds) {
    const { site, lack } = openSite(ground, bytesPerRound * (ground.flush ? rounds : 1));
    if (lack) remarks.push(lack);
    else places.push({ site, tree: await makeTree(join(site.scratch, 'tree')), measurements: {} });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { site, tree, measurements } of places) {
      const here = rows.filter(({ only }) => !only || only === site.ground.id);
      await runRound({ round, site, tree, contestants, rows: here, measurements, ...options });
    }
  }
  for (const { site } of places) closeSite(site);
  return places.map(({ site, tree: { files, directories, bytes }, measurements }) => ({
    ground: site.ground.id,
    description: site.description,
    tree: { files, directories, bytes },
    measurements,
  }));
}
