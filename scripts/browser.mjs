// A Chromium for the tests, and the switches that keep it quiet.
/** @import { BrowserContext, Page } from 'playwright-core' */
import { chmodSync, createReadStream, createWriteStream, existsSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { fetchPackage } from './cache.mjs';
import { runQuietly } from './processes.mjs';

const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const packed = '@sparticuz/chromium@153.0.0';

/** @returns the path of an installed Chromium, or undefined */
export function findChromium() {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap(dir => names.map(name => join(dir, name)));
  return [...onPath, ...elsewhere].find(path => existsSync(path));
}

/** Whether npm has one for this machine. It takes a sixth less of the processor than Debian's, and is the same everywhere. */
export function isChromiumPacked() {
  return process.platform === 'linux' && process.arch === 'x64';
}

/**
 * The Chromium that `PHLB_CHROMIUM` names, else the one that an npm package carries for Linux on x64, else an installed one.
 * @returns its path and what it needs in the environment; undefined if there is none for this machine
 */
export async function ensureChromium() {
  const named = process.env.PHLB_CHROMIUM;
  if (named) return { executablePath: named, env: {} };
  const installed = findChromium();
  if (isChromiumPacked()) {
    try {
      return withLibraries(await fetchPackage(packed, { megabytes: 70, prepare: unpackChromium }));
    } catch (error) {
      if (!installed) throw error;
      console.error(`${packed} cannot be had or does not run here, so ${installed} is taken: ${error}`);
      // Nor need the processes of the tests try.
      process.env.PHLB_CHROMIUM = installed;
    }
  }
  return installed && { executablePath: installed, env: {} };
}

/** @param {string} folder */
function withLibraries(folder) {
  return { executablePath: join(folder, 'chromium'), env: { LD_LIBRARY_PATH: join(folder, 'lib') } };
}

/** @param {string} folder */
async function unpackChromium(folder) {
  const bin = join(folder, 'bin');
  await decompress(join(bin, 'chromium.br'), join(folder, 'chromium'));
  chmodSync(join(folder, 'chromium'), 0o755);
  // The libraries that a machine without a desktop lacks.
  const libraries = join(folder, 'libraries.tar');
  await decompress(join(bin, 'al2023.tar.br'), libraries);
  await runQuietly('tar', ['xf', libraries], { cwd: folder });
  for (const spent of [bin, libraries]) rmSync(spent, { recursive: true });
  // Where it cannot run, one that was installed is taken.
  const { executablePath, env } = withLibraries(folder);
  await runQuietly(executablePath, ['--version'], { env: { ...process.env, ...env } });
}

/**
 * @param {string} from
 * @param {string} to
 */
function decompress(from, to) {
  return pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
}

/**
 * For pages that live half a minute: better code comes too late to pay, and where each function's source stands is noted
 * at once, else the first stack trace has the whole workbench, 19 MB, read again.
 */
const shortLived = '--js-flags=--no-opt --no-maglev --no-enable-lazy-source-positions';

export async function launchBrowser() {
  const browser = await ensureChromium();
  if (!browser) throw new Error('No Chromium found: install one or name it in PHLB_CHROMIUM');
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: browser.executablePath,
    env: { ...process.env, ...browser.env },
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
      shortLived,
    ],
  });
}

const still = '*, *::before, *::after { animation: none !important; transition: none !important; }';

/**
 * Lets nothing in a page move by itself: what turns or slides is drawn sixty times a second, without a graphics card.
 * @param {Page | BrowserContext} pages
 */
export async function holdStill(pages) {
  await pages.addInitScript(`addEventListener('DOMContentLoaded', () => {
    document.head.appendChild(document.createElement('style')).textContent = '${still}';
  });`);
}
