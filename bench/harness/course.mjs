// A course: rounds of rows on one or more grounds.
/** @import { Contestant, CourseData, Ground, Measurements, Row, Site, Tree, TreeSize } from '../types.js' */
/** @import { RoundOptions } from './round.mjs' */
import { join } from 'node:path';
import { runRound } from './round.mjs';
import { closeSite, openSite } from './site.mjs';

/**
 * @typedef {object} Course
 * @property {Ground[]} grounds
 * @property {number} rounds
 * @property {Row[]} rows
 * @property {Contestant[]} contestants
 * @property {(path: string) => Promise<Tree & Partial<TreeSize>>} makeTree makes the tree of a site
 * @property {number} bytesPerRound what all contestants together take in one round; on a disk all rounds stay until the end
 *   (round.mjs)
 * @property {string[]} remarks
 */

/**
 * @param {Course & RoundOptions} course
 * @returns {Promise<CourseData[]>} what courseReport (report/course-report.mjs) shows
 */
export async function runCourse({ grounds, rounds, rows, contestants, makeTree, bytesPerRound, remarks, ...options }) {
  /** @type {{ site: Site, tree: Tree & Partial<TreeSize>, measurements: Measurements }[]} */
  const places = [];
  for (const ground of grounds) {
    const { site, lack } = openSite(ground, bytesPerRound * (ground.flush ? rounds : 1));
    if (lack !== undefined) remarks.push(lack);
    else places.push({ site, tree: await makeTree(join(site.scratch, 'tree')), measurements: {} });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { site, tree, measurements } of places) {
      const here = rows.filter(({ only }) => !only || only === site.ground.id);
      await runRound({ round, site, tree, contestants, rows: here, measurements, ...options });
    }
  }
  for (const { site } of places) closeSite(site);
  return places.map(({ site, tree, measurements }) => ({
    ground: site.ground.id,
    description: site.description,
    tree: sizeOf(tree),
    measurements,
  }));
}

/** @param {Tree & Partial<TreeSize>} tree */
function sizeOf({ files, directories, bytes }) {
  return {
    files,
    ...(directories === undefined ? {} : { directories }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}
