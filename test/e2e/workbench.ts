import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import type * as BrowserModule from '../../scripts/browser.mjs';
import type * as StageModule from '../../scripts/package/stage.mjs';
import type * as ServerModule from '../../scripts/vscode-server.mjs';
import { installLanguage } from './language.js';

/** A part of the window, in its points. */
export interface Clip {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface LaunchOptions {
  settings?: Record<string, unknown>;
  /** false: restricted mode */
  trust?: boolean;
  /** puts PHLB into the server's folder of extensions; default: a copy of what is shipped */
  install?: (folders: { dataDir: string; extensionsDir: string }) => Promise<void>;
  /** further extensions, each the text of a module; they are activated at once */
  extensions?: Record<string, string>;
  /** of the editor and of PHLB, `de`; default: English */
  language?: string;
}

/**
 * Makes the folder to open before the editor starts, in its home folder; `env` is the environment of its extension host.
 * `undefined`: an empty window.
 */
export type MakeWorkspace = (home: string, env: NodeJS.ProcessEnv) => Promise<string | undefined>;

const root = process.cwd();
/** whether the run is to make the pictures of the README */
const pictures = process.env['PHLB_SCREENSHOTS'] === '1';
const quiet = {
  'workbench.colorTheme': 'Default Dark Modern',
  'chat.disableAIFeatures': true,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.editor.enablePreview': false,
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
  // In a browser the editor saves by itself, unless told otherwise.
  'files.autoSave': 'off',
  'editor.fontSize': 12,
  'editor.minimap.enabled': false,
  'breadcrumbs.filePath': 'last',
  'diffEditor.useInlineViewWhenSpaceIsLimited': false,
  'git.enabled': false,
  'extensions.ignoreRecommendations': true,
  'phlb.autoBackup.mode': 'off',
};

/** A VS Code with PHLB installed, in a browser, used as a person would: by keyboard, mouse and what is to be seen. */
export class Workbench {
  private constructor(
    readonly page: Page,
    /** the home folder of the extension host; `~/PyHardLinkBackups` is in here */
    readonly home: string,
    private readonly browser: Browser,
    private readonly server: ServerModule.Server,
    private readonly scratch: string,
  ) {}

  static async launch(makeWorkspace: MakeWorkspace, options: LaunchOptions = {}): Promise<Workbench> {
    const { startServer } = await script<typeof ServerModule>('vscode-server.mjs');
    const { installExtension } = await script<typeof StageModule>('package/stage.mjs');
    const { launchBrowser } = await script<typeof BrowserModule>('browser.mjs');

    const scratch = mkdtempSync(join(tmpdir(), 'phlb-e2e-'));
    const home = join(scratch, 'anna');
    mkdirSync(home);
    const env = { ...process.env, HOME: home, XDG_STATE_HOME: join(home, '.state') };
    const folder = await makeWorkspace(home, env);
    const extensionsDir = join(scratch, 'extensions');
    const dataDir = join(scratch, 'data');
    if (options.install) await options.install({ dataDir, extensionsDir });
    else installExtension(extensionsDir);
    for (const [name, text] of Object.entries(options.extensions ?? {})) addExtension(extensionsDir, name, text);
    const args = options.language === undefined ? [] : installLanguage(options.language, dataDir, extensionsDir);
    const server = await startServer({
      dataDir,
      extensionsDir,
      args,
      trust: options.trust ?? true,
      env,
      settings: { ...quiet, ...options.settings },
    });
    try {
      const browser = await launchBrowser();
      const page = await browser.newPage({
        viewport: { width: 1280, height: 720 },
        deviceScaleFactor: pictures ? 1.5 : 1,
      });
      const workbench = new Workbench(page, home, browser, server, scratch);
      const query = new URLSearchParams(folder === undefined ? { ew: 'true' } : { folder });
      await page.goto(`${server.url}?${query}`);
      // The palette lists PHLB's commands only once the extensions' contributions have been read.
      await workbench.activityTab('PHLB').waitFor({ timeout: 60_000 });
      return workbench;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Picks a command in the palette by its whole title, `PHLB: Backup Workspace`. */
  async runCommand(title: string): Promise<void> {
    await this.typeInPalette(title);
    await this.quickPickEntry(title).click();
  }

  /** Opens the palette; again where a page that opens just then takes its focus, which closes it. */
  private async typeInPalette(text: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('F1');
      try {
        await this.quickInput.fill(`>${text}`, { timeout: 5000 });
        await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor({ timeout: 5000 });
        return;
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
  }

  /** The titles that the palette offers for a text, in alphabetical order. */
  async paletteEntries(text: string): Promise<string[]> {
    await this.typeInPalette(text);
    const labels = this.page.locator('.quick-input-list .monaco-list-row .label-name');
    const entries = new Set<string>();
    // The list holds what is in sight only, and the first key press just goes to the end of that.
    for (let pages = 0; pages < 5; pages++) {
      await this.page.waitForTimeout(300);
      for (const entry of await labels.allInnerTexts()) if (entry.startsWith(text)) entries.add(entry);
      await this.page.keyboard.press('PageDown');
    }
    await this.page.keyboard.press('Escape');
    return [...entries].toSorted();
  }

  /** The entries of a node's context menu, from top to bottom. */
  async menuEntries(label: string | RegExp): Promise<string[]> {
    await this.treeItem(label).click({ button: 'right' });
    const items = this.page.locator('.context-view').getByRole('menuitem');
    await items.first().waitFor();
    const entries = await items.locator('.action-label').allInnerTexts();
    await this.page.keyboard.press('Escape');
    await items.first().waitFor({ state: 'hidden' });
    return entries;
  }

  /** The first entry of an open list whose text matches. */
  quickPick(text: RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
  }

  // The first one: of a longer title only what was typed is an element of its own.
  private quickPickEntry(label: string): Locator {
    return this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.page.getByText(label, { exact: true }) })
      .first();
  }

  /** Opens a view container from the activity bar. */
  async openContainer(title: string): Promise<void> {
    const tab = this.activityTab(title);
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    await this.page.locator('.sidebar .pane').first().waitFor();
  }

  /** Opens a file of the workspace in an editor, from the Explorer. */
  async openFile(name: string): Promise<void> {
    await this.openContainer('Explorer');
    await this.treeItem(name).dblclick();
    await this.tab(new RegExp(`^${escapeRegExp(name)}$`)).waitFor();
    await this.page.locator('.editor-group-container.active .view-lines').first().click();
  }

  private activityTab(title: string): Locator {
    return this.page.locator('.activitybar').getByRole('tab', { name: new RegExp(`^${escapeRegExp(title)}`) });
  }

  /** The row of a tree in the side bar whose accessible label matches. */
  treeItem(label: string | RegExp): Locator {
    return this.page.locator('.sidebar').getByRole('treeitem', { name: label }).first();
  }

  /** Opens a node and waits for what is below it. */
  async expand(label: string | RegExp): Promise<void> {
    const item = this.treeItem(label);
    await item.waitFor();
    if ((await item.getAttribute('aria-expanded')) === 'true') return;
    await item.focus();
    await item.click();
    if ((await item.getAttribute('aria-expanded')) !== 'true') await this.page.keyboard.press('ArrowRight');
    await this.page.waitForFunction(
      element => element?.getAttribute('aria-expanded') === 'true',
      await item.elementHandle(),
    );
  }

  /** Picks an entry of a node's context menu. */
  async contextMenu(label: string | RegExp, entry: string): Promise<void> {
    await this.treeItem(label).click({ button: 'right' });
    const item = this.page.locator('.context-view').getByRole('menuitem', { name: entry, exact: true });
    await item.hover();
    // A menu takes what comes right after its opening for the end of the opening click, and ignores it.
    await this.page.waitForTimeout(300);
    await item.click();
    await item.waitFor({ state: 'hidden' });
  }

  /** The tab of an open editor. */
  tab(label: string | RegExp): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: label }).first();
  }

  /** Waits until the active editor, or one side of its comparison, shows a text. */
  async showsText(text: string | RegExp, side?: 'original' | 'modified'): Promise<void> {
    const editor = `.editor-group-container.active ${side ? `.${side} ` : ''}.view-lines`;
    await this.page.locator(editor).filter({ hasText: text }).first().waitFor();
  }

  /** What an empty view says. */
  welcome(text: RegExp): Locator {
    return this.page.locator('.sidebar .welcome-view-content').filter({ hasText: text });
  }

  welcomeButton(label: string): Locator {
    return this.welcome(/./).getByRole('button', { name: label });
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text }).first();
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item').filter({ hasText: text }).first();
  }

  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Answers a modal dialog. */
  async answerDialog(button: string): Promise<void> {
    // No person answers at once, and the editor shows no more than three messages in 0.8 seconds.
    await this.dialog.waitFor();
    await this.page.waitForTimeout(1000);
    await this.dialog.getByRole('button', { name: button, exact: true }).click();
    await this.dialog.waitFor({ state: 'hidden' });
  }

  /** Moves the border between side bar and editors. */
  async setSidebarWidth(width: number): Promise<void> {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    if (!box) throw new Error('the side bar is not shown');
    const { mouse } = this.page;
    await mouse.move(box.x + box.width, 400);
    await mouse.down();
    await mouse.move(box.x + width, 400, { steps: 5 });
    await mouse.up();
  }

  /** Sets how high a pane at the lower end of the side bar is, by its upper border. */
  async setPaneHeight(title: string, height: number): Promise<void> {
    const header = this.page.locator('.sidebar .pane-header').filter({ hasText: title });
    const [box, sidebar] = [await header.boundingBox(), await this.page.locator('.part.sidebar').boundingBox()];
    if (!box || !sidebar) throw new Error(`${title} is not shown`);
    const { mouse } = this.page;
    await mouse.move(box.x + 100, box.y);
    await mouse.down();
    await mouse.move(box.x + 100, sidebar.y + sidebar.height - height, { steps: 5 });
    await mouse.up();
  }

  /** An open walkthrough. */
  get walkthrough(): Locator {
    return this.page.locator('.gettingStartedContainer .gettingStartedSlideDetails');
  }

  /** What is in the webview that is shown. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** Puts away what has been notified, so that it covers nothing. */
  async clearNotifications(): Promise<void> {
    await this.runCommand('Notifications: Clear All Notifications');
    await this.notification('').waitFor({ state: 'hidden' });
  }

  /** Into out/screenshots, to be looked at. */
  async screenshot(name: string): Promise<void> {
    await this.shoot(join('out', 'screenshots', name));
  }

  /** A picture of the README or the walkthrough: into media/ with PHLB_SCREENSHOTS=1, else to be looked at. */
  async picture(name: string, clip?: Clip): Promise<void> {
    await this.shoot(pictures ? join('media', name) : join('out', 'screenshots', basename(name)), clip);
  }

  private async shoot(name: string, clip?: Clip): Promise<void> {
    const path = join(root, `${name}.png`);
    mkdirSync(dirname(path), { recursive: true });
    await this.calmDown();
    await this.page.screenshot({ path, ...(clip ? { clip } : {}) });
  }

  // Nothing hovered, nothing on its way.
  private async calmDown(): Promise<void> {
    await this.page.mouse.move(900, 560);
    await this.statusBarItem('Activating').waitFor({ state: 'hidden' });
    await this.page.waitForTimeout(1000);
  }

  /** Writes into an open input box and accepts it. */
  async answerInput(text: string): Promise<void> {
    await this.quickInput.fill(text);
    await this.page.keyboard.press('Enter');
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  /** Answers the editor's own dialog for folders. @param button of the dialog */
  async chooseFolder(path: string, button: string): Promise<void> {
    // The dialog writes the folder that it opens with by itself, when it has listed it.
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    await this.quickInput.fill(`${path}/`);
    await this.page.waitForTimeout(1000);
    await this.page.locator('.quick-input-widget').getByRole('button', { name: button }).click();
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  private get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible input[type="text"]').first();
  }

  /** What was to be seen when a test failed. */
  async failed(title: string): Promise<void> {
    mkdirSync(join(root, 'out', 'screenshots'), { recursive: true });
    await this.page.screenshot({ path: join(root, 'out', 'screenshots', `failed ${title.slice(0, 60)}.png`) });
  }

  /** A further window of the same editor, on another folder or the same one; it ends with this one. */
  async openWindow(folder: string): Promise<Workbench> {
    const page = await this.browser.newPage({ viewport: this.page.viewportSize() });
    const window = new Workbench(page, this.home, this.browser, this.server, this.scratch);
    await page.goto(`${this.server.url}?${new URLSearchParams({ folder })}`);
    await window.activityTab('PHLB').waitFor({ timeout: 60_000 });
    return window;
  }

  /** Ends the window, as closing it does, and opens it again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.activityTab('PHLB').waitFor({ timeout: 60_000 });
  }

  /** PHLB's status bar item whose accessible label, the tooltip's text, matches. */
  status(label: RegExp): Locator {
    return this.page.locator('.statusbar').getByRole('button', { name: label });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    rmSync(this.scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

function addExtension(extensionsDir: string, name: string, text: string): void {
  const folder = join(extensionsDir, `test.${name}-1.0.0`);
  mkdirSync(folder);
  const manifest = { publisher: 'test', name, version: '1.0.0', engines: { vscode: '^1.0.0' }, main: './main.js' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, activationEvents: ['*'] }));
  writeFileSync(join(folder, 'main.js'), text);
}

/** The scripts are loaded as they are, not bundled: they find the checkout by where they stand. */
async function script<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(root, 'scripts', name)).href)) as T;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
