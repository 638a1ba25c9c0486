// What tests of copies off this machine need beside Debian's packages: a restic that is new enough, and a server of S3.
/** @import { Report } from '../steps.mjs' */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fetchOnce, fetchPackage, installInside } from '../cache.mjs';
import { onPath } from '../debian.mjs';
import { capture, npm, runQuietly } from '../processes.mjs';

/** The first that tells by its exit code what went wrong. */
const RESTIC = { major: 0, minor: 17 };
/** Debian's release that has one. */
const SUITE = 'trixie';
/** Of all that npm and Debian have, the only one that restic gets on with. */
const S3RVER = 's3rver@3.7.1';

/**
 * @returns what the tests find in their environment, and what is missing, each as a sentence
 */
export async function prepareOffsite() {
  /** @type {Record<string, string>} */
  const env = {};
  /** @type {string[]} */
  const missing = [];
  /**
   * @param {string} name
   * @param {string} what
   * @param {() => Promise<string>} find
   */
  const find = async (name, what, find) => {
    try {
      env[name] = await find();
    } catch (error) {
      const [why] = String(error instanceof Error ? error.message : error).split('\n');
      missing.push(`no ${what} (${why}): its tests are skipped`);
    }
  };
  await find('PHLB_TEST_RESTIC', `restic ${RESTIC.major}.${RESTIC.minor} or newer`, ensureRestic);
  await find('PHLB_TEST_S3RVER', S3RVER, ensureS3rver);
  return { env, missing };
}

/** One that is named (`PHLB_TEST_RESTIC`), else the system's, else that of a newer Debian. */
async function ensureRestic() {
  const named = process.env.PHLB_TEST_RESTIC;
  if (named) return named;
  if (onPath('restic') && (await isNewEnough('restic'))) return whereIs('restic');
  const folder = await fetchOnce(`restic-${SUITE}`, `restic of Debian ${SUITE}`, downloadRestic);
  return join(folder, 'usr', 'bin', 'restic');
}

async function ensureS3rver() {
  if (process.platform === 'win32') throw new Error('not on Windows');
  return join(await fetchPackage(S3RVER, { prepare: installForUse }), 'bin', 's3rver.js');
}

/**
 * @param {string} folder
 * @param {Report} report
 */
async function installForUse(folder, report) {
  // Those for its development contradict each other, which npm minds also where it leaves them out.
  await npm(['pkg', 'delete', 'devDependencies'], { cwd: folder });
  await installInside(folder, report);
}

/** @param {string} command name or path */
async function isNewEnough(command) {
  const { output } = await capture(command, ['version']);
  const [, major, minor] = /^restic (\d+)\.(\d+)/m.exec(output) ?? [];
  return Number(major) > RESTIC.major || (Number(major) === RESTIC.major && Number(minor) >= RESTIC.minor);
}

/** @param {string} command */
async function whereIs(command) {
  return (await capture('sh', ['-c', `command -v ${command}`])).output.trim();
}

/**
 * Unpacks the package, one program that needs no others, from the machine's own sources, with the newer release in place of
 * its own, in an apt of its own: that of the machine stays as it is.
 * @param {string} temporary
 * @param {Report} report
 */
async function downloadRestic(temporary, report) {
  const apt = join(temporary, 'apt');
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const [, codename] = /^VERSION_CODENAME=(\w+)$/m.exec(release) ?? [];
  if (!/^ID=debian$/m.test(release) || !codename || !onPath('apt-get')) throw new Error('not on Debian');
  for (const folder of ['etc/apt.conf.d', 'state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(apt, folder), { recursive: true });
  }
  copySources(join(apt, 'etc'), codename);
  const options = [
    ...['-q', '-o', `Dir::Etc=${apt}/etc`, '-o', `Dir::State=${apt}/state`, '-o', `Dir::Cache=${apt}/cache`],
    ...['-o', 'Dir::Etc::trusted=/etc/apt/trusted.gpg', '-o', 'Dir::Etc::trustedparts=/etc/apt/trusted.gpg.d'],
    ...['-o', 'Dir::State::status=/var/lib/dpkg/status', '-o', 'Acquire::Languages=none'],
  ];
  report('which there are');
  // A source that does not know the release is no harm, if another one has the package.
  await capture('apt-get', [...options, 'update']);
  report('the package');
  await runQuietly('apt-get', [...options, 'download', 'restic'], { cwd: temporary });
  const archive = readdirSync(temporary).find(name => name.endsWith('.deb'));
  if (!archive) throw new Error('apt-get download left no package');
  const unpacked = join(temporary, 'package');
  await runQuietly('dpkg', ['-x', archive, unpacked], { cwd: temporary });
  if (!(await isNewEnough(join(unpacked, 'usr', 'bin', 'restic')))) throw new Error(`${archive} is too old`);
  return unpacked;
}

/**
 * @param {string} target
 * @param {string} codename of the machine's own release
 */
function copySources(target, codename) {
  const sources = '/etc/apt';
  const names = readdirSync(join(sources, 'sources.list.d')).filter(name => /\.(list|sources)$/.test(name));
  for (const name of ['sources.list', ...names.map(name => join('sources.list.d', name))]) {
    if (!existsSync(join(sources, name))) continue;
    const text = readFileSync(join(sources, name), 'utf8');
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileSync(join(target, name), text.replaceAll(new RegExp(`\\b${codename}\\b`, 'g'), SUITE));
  }
}
