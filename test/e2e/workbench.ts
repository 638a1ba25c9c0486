import * as assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { Editor, type Kind } from './editors.js';
import { PICTURES, shoot, shootNow, type Clip } from './shoot.js';

export interface LaunchOptions extends Kind {
  settings?: Record<string, unknown>;
  /**
   * What another extension does in these windows: the text of a module whose export is called with `vscode` and the
   * extension's context when the windows start. `guest.act` ("Guest: Act") is a command for it to register.
   */
  guest?: string;
}

/**
 * Makes the folder to open, in the home folder; `env` is the environment of the extension host. `undefined`: an empty
 * window.
 */
export type MakeWorkspace = (home: string, env: NodeJS.ProcessEnv) => Promise<string | undefined>;

/** The browser's, as far as `watchFor` needs it. */
interface WatchedPage {
  document: { body: object; querySelectorAll(selector: string): Iterable<{ textContent: string }> };
  MutationObserver: new (note: () => void) => { observe(target: object, what: object): void };
  watched(): string[];
}

const size = { viewport: { width: 1280, height: 720 }, deviceScaleFactor: PICTURES ? 1.5 : 1 };

/** A VS Code with PHLB installed, in a browser, used as a person would: by keyboard, mouse and what is to be seen. */
export class Workbench {
  private constructor(
    readonly page: Page,
    private readonly editor: Editor,
  ) {}

  /** A window of an editor that nobody has used yet. */
  static async launch(makeWorkspace: MakeWorkspace, options: LaunchOptions = {}): Promise<Workbench> {
    const { settings = {}, guest, ...kind } = options;
    const editor = await Editor.fresh(kind, settings);
    if (guest !== undefined) writeFileSync(join(editor.home, 'guest.js'), guest);
    return Workbench.open(editor, await makeWorkspace(editor.home, editor.env));
  }

  private static async open(editor: Editor, folder: string | undefined): Promise<Workbench> {
    const workbench = new Workbench(await editor.open(folder, size), editor);
    await workbench.isReady();
    return workbench;
  }

  // The palette lists PHLB's commands only once the extensions' contributions have been read.
  private async isReady(): Promise<void> {
    await this.activityTab('PHLB').waitFor();
  }

  /** the home folder of the extension host; `~/PyHardLinkBackups` is in here */
  get home(): string {
    return this.editor.home;
  }

  /** the folder of installed extensions, and the package that PHLB was installed from */
  get installed(): { extensionsDir: string; vsix: string } {
    return this.editor;
  }

  /** Picks a command in the palette by its whole title, `PHLB: Backup Workspace`. */
  async runCommand(title: string): Promise<void> {
    await this.typeUntilOffered(title);
    await this.quickPickEntry(title).click();
  }

  /** Waits until the palette offers a command. @param title the whole one */
  async isOffered(title: string): Promise<void> {
    await this.typeUntilOffered(title);
    await this.page.keyboard.press('Escape');
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  // The palette holds what could be done when it was opened, and a window that has just come up learns that bit by bit.
  private async typeUntilOffered(title: string): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end;) {
      await this.typeInPalette(title);
      const offered = this.quickPickEntry(title).waitFor({ timeout: 5000 });
      if (await offered.then(yes, no)) return;
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`the palette does not offer it: ${title}`);
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
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    const entries = new Map<string, string>();
    let size = -1;
    // The list holds what is in sight only; each row knows its place and how many there are. All at once: rows are
    // used again for other entries while the list moves.
    while (entries.size !== size) {
      const seen = await rows.evaluateAll(found =>
        found.map(row => ({
          place: row.getAttribute('aria-posinset') ?? '',
          of: Number(row.getAttribute('aria-setsize')),
          label: row.querySelector('.label-name')?.textContent ?? '',
        })),
      );
      // The list of what was typed replaces the one of all commands a moment later.
      if (seen.some(({ of }) => of !== size)) {
        entries.clear();
        size = seen[0]?.of ?? -1;
        await this.page.keyboard.press('Control+Home');
        continue;
      }
      for (const { place, label } of seen) entries.set(place, label);
      await this.page.keyboard.press('PageDown');
    }
    await this.page.keyboard.press('Escape');
    return [...new Set(entries.values())].filter(entry => entry.startsWith(text)).toSorted();
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

  /**
   * Opens a node and waits for what is below it.
   * @param parent what it may stand in, which is opened before: again, where a refresh of the tree has closed it meanwhile
   */
  async expand(label: string | RegExp, parent?: string | RegExp): Promise<void> {
    const item = this.treeItem(label);
    for (const end = Date.now() + 60_000; parent !== undefined && Date.now() < end && !(await item.isVisible());) {
      await this.expand(parent);
      await item.waitFor({ timeout: 5000 }).catch(() => undefined);
    }
    await item.waitFor();
    if ((await item.getAttribute('aria-expanded')) === 'true') return;
    await item.click();
    const opened = item.and(this.page.locator('[aria-expanded="true"]'));
    // A tree that is refreshed just then forgets that a node was opened.
    for (const end = Date.now() + 60_000; Date.now() < end; await this.page.keyboard.press('ArrowRight')) {
      if (await opened.waitFor({ timeout: 2000 }).then(yes, no)) return;
    }
    throw new Error(`it does not open: ${label}`);
  }

  /** Picks an entry of a node's context menu; opens it again where an editor that opens just then closes it. */
  async contextMenu(label: string | RegExp, entry: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.treeItem(label).click({ button: 'right' });
      try {
        await this.chooseFromMenu(entry);
        // Beside what the test waits for, which does not come then; a window that is closed has nothing to say.
        void this.chooseAgain(label, entry).catch(no);
        return;
      } catch (error) {
        if (attempt === 3) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  // As PHLB asks a person to: a tree that is read again forgets its nodes, and a menu that is open then the one it is of.
  private async chooseAgain(label: string | RegExp, entry: string): Promise<void> {
    const told = this.notification('What was chosen is no longer there');
    await told.waitFor({ timeout: 10_000 });
    await told.hover();
    await told.locator('.codicon-notifications-clear').click();
    await told.waitFor({ state: 'hidden' });
    await this.contextMenu(label, entry);
  }

  /** Chooses from the context menu that is open. */
  async chooseFromMenu(entry: string): Promise<void> {
    const items = this.page.locator('.context-view .action-item');
    // Its accessible name has the key, if there is one, as well.
    const title = this.page.locator('.action-label').filter({ hasText: new RegExp(`^${escapeRegExp(entry)}$`) });
    const item = items.filter({ has: title });
    await item.hover({ timeout: 10_000 });
    await item.and(this.page.locator('.focused')).waitFor({ timeout: 10_000 });
    // By keyboard: a menu takes a click right after its opening for the end of the opening one, and ignores it.
    await this.page.keyboard.press('Enter');
    await items.first().waitFor({ state: 'hidden' });
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

  /** Presses a button of a notification. */
  async answerNotification(notification: Locator, button: string): Promise<void> {
    await notification.waitFor();
    await this.asQuickAsAPerson();
    await notification.getByRole('button', { name: button, exact: true }).click();
  }

  // Nobody answers at once, and the editor hides all but three of the messages that come within this time.
  private async asQuickAsAPerson(): Promise<void> {
    await this.page.waitForTimeout(800);
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item').filter({ hasText: text }).first();
  }

  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Answers a modal dialog. */
  async answerDialog(button: string): Promise<void> {
    await this.dialog.waitFor();
    await this.asQuickAsAPerson();
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

  /** Chooses a colour theme, while a webview is shown. @param style the class that the editor gives that one then */
  async chooseTheme(theme: string, style: string): Promise<void> {
    await this.runCommand('Preferences: Color Theme');
    const name = theme.replace('Default ', '');
    await this.quickInput.fill(name);
    await this.quickPick(new RegExp(name)).click();
    await this.webview().locator(`body.${style}`).waitFor();
  }

  /** From now on notes what side bar and status bar say that matches, be it for a moment. */
  async watchFor(text: RegExp): Promise<void> {
    await this.page.evaluate(source => {
      const page = globalThis as unknown as WatchedPage;
      const seen = new Set<string>();
      page.watched = () => [...seen];
      const note = (): void => {
        for (const part of page.document.querySelectorAll('.sidebar, .statusbar')) {
          const match = new RegExp(source).exec(part.textContent)?.[0];
          if (match !== undefined) seen.add(match);
        }
      };
      new page.MutationObserver(note).observe(page.document.body, { subtree: true, childList: true });
      note();
    }, text.source);
  }

  /** What `watchFor` has seen. */
  async watched(): Promise<string[]> {
    return this.page.evaluate(() => (globalThis as unknown as WatchedPage).watched());
  }

  /** Into out/screenshots, to be looked at; only when pictures are asked for. */
  async screenshot(name: string): Promise<void> {
    await shoot(this.page, `out/screenshots/${name}`);
  }

  /** A picture of the README or the walkthrough, into media/; only when pictures are asked for. */
  async picture(name: string, clip?: Clip): Promise<void> {
    assert.ok(!(await this.shownText()).includes(tmpdir()), 'a path of this machine is to be seen');
    await shoot(this.page, `media/${name}`, clip);
  }

  // What stands in input boxes is no text of the page.
  private async shownText(): Promise<string> {
    const inputs = await this.page.locator('input:visible, textarea:visible').all();
    const values = await Promise.all(inputs.map(input => input.inputValue()));
    return [await this.page.locator('body').innerText(), ...values].join('\n');
  }

  /** Shows the home folder in an open input box under a name that people have: that of a test is a temporary one. */
  async showHomeAs(path: string): Promise<void> {
    await this.quickInput.evaluate(
      (input, [home, shown]) => {
        const box = input as unknown as { value: string };
        box.value = box.value.replace(String(home), String(shown));
      },
      [this.home, path],
    );
  }

  /** What was to be seen when a test failed. */
  async failed(title: string): Promise<void> {
    await shootNow(this.page, `out/screenshots/failed ${title.slice(0, 60)}`);
  }

  /** Writes into an open input box and accepts it. */
  async answerInput(text: string): Promise<void> {
    await this.quickInput.fill(text);
    await this.page.keyboard.press('Enter');
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  /** Answers the editor's own dialog for folders. @param path of a folder that is not empty @param button of the dialog */
  async chooseFolder(path: string, button: string): Promise<void> {
    // The dialog writes the folder that it opens with by itself, when it has listed it.
    await this.quickPick(/./).waitFor();
    await this.quickInput.fill(`${path}/`);
    await this.quickPick(new RegExp(`^${escapeRegExp(readdirSync(path)[0] ?? '')}`)).waitFor();
    await this.page.locator('.quick-input-widget').getByRole('button', { name: button }).click();
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  /** Writes into an open input box for a password, once it asks that, and accepts it. */
  async answerPassword(prompt: RegExp, text: string): Promise<void> {
    const box = this.page.locator('.quick-input-widget:visible');
    await box.filter({ hasText: prompt }).waitFor();
    await box.locator('input[type="password"]').fill(text);
    await this.page.keyboard.press('Enter');
    await box.filter({ hasText: prompt }).waitFor({ state: 'hidden' });
  }

  private get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible input[type="text"]').first();
  }

  /** A further window of the same editor, on another folder or the same one; it ends with this one. */
  async openWindow(folder: string): Promise<Workbench> {
    return Workbench.open(this.editor, folder);
  }

  /** Ends the window, as closing it does, and opens it again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.isReady();
  }

  /** PHLB's status bar item whose accessible label, the tooltip's text, matches. */
  status(label: RegExp): Locator {
    return this.page.locator('.statusbar').getByRole('button', { name: label });
  }

  /** Ends this window and all others of the same editor. */
  async close(): Promise<void> {
    await this.editor.close();
  }
}

const yes = (): boolean => true;
const no = (): boolean => false;

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
