// How long PHLB takes to activate, as VS Code itself says.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser } from '../../scripts/browser.mjs';
import { installExtension } from '../../scripts/package/stage.mjs';
import { startServer } from '../../scripts/vscode-server.mjs';

/**
 * @param {string} scratch
 * @param {number} round
 * @returns milliseconds, from a window of its own
 */
export async function measureActivation(scratch, round) {
  const place = join(scratch, `window-${round}`);
  const home = join(place, 'home');
  const folder = join(place, 'documents');
  const extensionsDir = join(place, 'extensions');
  for (const path of [home, folder]) mkdirSync(path, { recursive: true });
  installExtension(extensionsDir);
  const env = { ...process.env, HOME: home, XDG_STATE_HOME: join(home, '.state') };
  const settings = { 'chat.disableAIFeatures': true, 'workbench.startupEditor': 'none' };
  const server = await startServer({ dataDir: join(place, 'data'), extensionsDir, env, settings });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
    await page.goto(`${server.url}?${new URLSearchParams({ folder })}`);
    await page.locator('.statusbar-item').filter({ hasText: 'No backup' }).waitFor({ timeout: 60_000 });
    await page.keyboard.press('F1');
    await page.locator('.quick-input-widget input[type="text"]').first().fill('>Developer: Show Running Extensions');
    const entry = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'Show Running Extensions' });
    await entry.first().click();
    const row = page.locator('.runtime-extensions-editor .extension').filter({ hasText: 'PHLB' }).first();
    const text = await row.locator('.activation-time').innerText({ timeout: 60_000 });
    const found = /([\d.]+)\s*ms/.exec(text);
    if (!found) throw new Error(`The editor says of PHLB's activation: ${text}`);
    return Number(found[1]);
  } finally {
    await browser.close();
    await server.stop();
  }
}
