import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** A part of the window, in its points. */
export interface Clip {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** whether to take pictures: `npm run pictures`, or any test with `--pictures` */
export const PICTURES = process.env['PHLB_SCREENSHOTS'] === '1';

/** Takes a picture of a window at rest. @param name its path in the checkout, without `.png` */
export async function shoot(page: Page, name: string, clip?: Clip): Promise<void> {
  if (!PICTURES) return;
  // Nothing hovered, nothing on its way.
  await page.mouse.move(900, 560);
  await page.locator('.statusbar-item').filter({ hasText: 'Activating' }).first().waitFor({ state: 'hidden' });
  await page.waitForTimeout(1000);
  await shootNow(page, name, clip);
}

/** Takes a picture of a window as it is. */
export async function shootNow(page: Page, name: string, clip?: Clip): Promise<void> {
  const path = join(process.cwd(), `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path, ...(clip ? { clip } : {}) });
}

/** Brings a part of a page into sight. A page may write it anew meanwhile, which `scrollIntoViewIfNeeded` takes for a failure. */
export async function scrollTo(part: Locator): Promise<void> {
  await part.evaluate(element => element.scrollIntoView({ block: 'nearest' }));
}
