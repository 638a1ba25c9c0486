// Plots as files, and how a page shows them.
/** @import { Plot } from '../../types.js' */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium, launchBrowser } from '../../../scripts/browser.mjs';
import { themes } from './chart.mjs';

const folder = join(import.meta.dirname, '..', '..', '..', 'docs', 'bench');
/** px around a picture that has a background of its own */
const margin = 20;

/**
 * Markdown for docs/benchmarks.md, light or dark as the reader's page is.
 * @param {Plot} plot
 */
export function picture({ name, alt }) {
  return [
    '<picture>',
    `<source media="(prefers-color-scheme: dark)" srcset="bench/${name}-dark.svg">`,
    `<img alt="${alt}" src="bench/${name}-light.svg">`,
    '</picture>',
  ].join('\n');
}

/**
 * Writes docs/bench/NAME-light.svg and NAME-dark.svg, without a background.
 * @param {Plot} plot
 */
export function writePlot({ name, draw }) {
  mkdirSync(folder, { recursive: true });
  for (const [theme, colours] of Object.entries(themes))
    writeFileSync(join(folder, `${name}-${theme}.svg`), draw(colours));
}

/**
 * Writes the same as PNG, with the background of the theme, for pages that allow no SVG.
 * @param {Plot[]} plots
 */
export async function writePngs(plots) {
  if (!(await ensureChromium())) return console.error('No Chromium: the PNGs are left as they are');
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ deviceScaleFactor: 2 });
    for (const { name, draw } of plots) {
      for (const [theme, colours] of Object.entries(themes)) {
        await page.setContent(
          `<body style="margin:0"><div style="display:inline-block;padding:${margin}px;background:${colours.page}">${draw(colours)}</div>`,
        );
        await page.locator('div').screenshot({ path: join(folder, `${name}-${theme}.png`) });
      }
    }
  } finally {
    await browser.close();
  }
}
