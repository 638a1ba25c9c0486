import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type * as BrowserModule from '../../scripts/browser.mjs';
import type * as StageModule from '../../scripts/package/stage.mjs';
import type * as VsixModule from '../../scripts/package/vsix.mjs';
import type * as ServerModule from '../../scripts/vscode-server.mjs';
import { installLanguage } from './language.js';

/** What the windows of one server have in common. The default: English, trusted, a copy of what is shipped. */
export interface Kind {
  /** false: restricted mode */
  trust?: boolean;
  /** of the editor and of PHLB, `de` */
  language?: string;
  /** PHLB is installed from its packed vsix */
  packed?: boolean;
}

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
  // It looks through all processes of the machine, again and again.
  'remote.autoForwardPorts': false,
  'extensions.ignoreRecommendations': true,
  // Each frame is drawn without a graphics card.
  'workbench.reduceMotion': 'on',
  'editor.cursorBlinking': 'solid',
  'phlb.autoBackup.mode': 'off',
};

/** How long a window may take for anything on a busy machine. */
const PATIENCE_MS = 120_000;

/** Another extension beside PHLB: it does what a test has put into the home folder, else nothing. */
const GUEST = `
const script = require('node:os').homedir() + '/guest.js';
exports.activate = context => require('node:fs').existsSync(script) && require(script)(require('vscode'), context);
`;

/** Each test file is a bundle of its own: what all files of a process share is kept here. */
const shared = globalThis as { phlbIdleEditors?: Editor[]; phlbBrowser?: Promise<Browser> };

/**
 * A VS Code server with PHLB, and a browser for its windows. They take seconds to start, so they serve the test files of
 * their kind in this process one after the other; each gets a new home folder, new settings and new windows.
 */
export class Editor {
  /** the home folder of the extension host; `~/PyHardLinkBackups` is in here */
  readonly home: string;
  /** the environment of the extension host */
  readonly env: NodeJS.ProcessEnv;
  readonly extensionsDir: string;
  /** the package that PHLB is installed from, where it is one */
  readonly vsix: string;
  private readonly dataDir: string;
  private readonly contexts: BrowserContext[] = [];
  private server: ServerModule.Server | undefined;

  private constructor(private readonly kind: Kind) {
    const scratch = mkdtempSync(join(tmpdir(), 'phlb-e2e-'));
    process.once('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
    this.home = join(scratch, 'anna');
    this.env = { ...process.env, HOME: this.home, XDG_STATE_HOME: join(this.home, '.state') };
    this.extensionsDir = join(scratch, 'extensions');
    this.vsix = join(scratch, 'phlb.vsix');
    this.dataDir = join(scratch, 'data');
  }

  /** One of that kind, as if nobody had used it yet. @param settings beside those that keep it quiet */
  static async fresh(kind: Kind, settings: Record<string, unknown>): Promise<Editor> {
    const idle = (shared.phlbIdleEditors ??= []);
    const at = idle.findIndex(editor => isDeepStrictEqual(editor.kind, kind));
    const editor = at < 0 ? new Editor(kind) : (idle.splice(at, 1)[0] as Editor);
    editor.renew({ ...quiet, ...settings });
    editor.server ??= await editor.start();
    return editor;
  }

  /** Opens a window of its own memory. @param folder `undefined`: an empty window */
  async open(folder: string | undefined, options: BrowserContextOptions): Promise<Page> {
    const { holdStill, launchBrowser } = await script<typeof BrowserModule>('browser.mjs');
    const context = await (await (shared.phlbBrowser ??= launchBrowser())).newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    this.contexts.push(context);
    await holdStill(context);
    const page = await context.newPage();
    const query = new URLSearchParams(folder === undefined ? { ew: 'true' } : { folder });
    await page.goto(`${this.running().url}?${query}`);
    return page;
  }

  /** Closes the windows and gives the server back, for the next file. */
  async close(): Promise<void> {
    await Promise.all(this.contexts.splice(0).map(context => context.close()));
    await this.endExtensionHosts();
    shared.phlbIdleEditors?.push(this);
  }

  private renew(settings: Record<string, unknown>): void {
    for (const folder of [this.home, join(this.dataDir, 'data', 'User'), join(this.dataDir, 'data', 'Machine')]) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      mkdirSync(folder, { recursive: true });
    }
    writeFileSync(join(this.dataDir, 'data', 'Machine', 'settings.json'), JSON.stringify(settings));
  }

  private async start(): Promise<ServerModule.Server> {
    const { startServer } = await script<typeof ServerModule>('vscode-server.mjs');
    const { installExtension } = await script<typeof StageModule>('package/stage.mjs');
    const { installVsix, packVsix } = await script<typeof VsixModule>('package/vsix.mjs');
    const { dataDir, extensionsDir, env, kind } = this;
    if (kind.packed) {
      await packVsix(this.vsix, 'ignore');
      await installVsix(this.vsix, { dataDir, extensionsDir });
    } else installExtension(extensionsDir);
    addGuest(extensionsDir);
    const args = kind.language === undefined ? [] : installLanguage(kind.language, dataDir, extensionsDir);
    return startServer({ dataDir, extensionsDir, args, env, lean: true, trust: kind.trust ?? true });
  }

  private running(): ServerModule.Server {
    if (!this.server) throw new Error('the editor has not been started');
    return this.server;
  }

  // A browser's window may be gone before it has said so, and then its extension host waits for it, in the next home folder.
  private async endExtensionHosts(): Promise<void> {
    for (;;) {
      const hosts = extensionHosts(this.running().pid);
      if (hosts.length === 0) return;
      spawnSync('kill', ['-KILL', ...hosts]);
      await sleep(50);
    }
  }
}

/** Their process ids. */
function extensionHosts(server: number | undefined): string[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'ppid=,pid=,args='], { encoding: 'utf8' });
  const all = stdout.split('\n').map(line => line.trim().split(/\s+/));
  return all.flatMap(([parent, pid = '', ...args]) =>
    parent === String(server) && args.includes('--type=extensionHost') ? [pid] : [],
  );
}

function addGuest(extensionsDir: string): void {
  const folder = join(extensionsDir, 'test.guest-1.0.0');
  mkdirSync(folder);
  const manifest = {
    ...{ publisher: 'test', name: 'guest', version: '1.0.0', engines: { vscode: '^1.0.0' }, main: './main.js' },
    activationEvents: ['*'],
    contributes: { commands: [{ command: 'guest.act', title: 'Guest: Act' }] },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'main.js'), GUEST);
}

/** The scripts are loaded as they are, not bundled: they find the checkout by where they stand. */
export async function script<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(process.cwd(), 'scripts', name)).href)) as T;
}
