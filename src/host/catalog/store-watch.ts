import * as vscode from 'vscode';
import type { Catalog } from './catalog.js';
import { Disposables } from '../editor/disposables.js';

const FOCUSED_MS = 2500;
const UNFOCUSED_MS = 15_000;

type WatchedView = Pick<vscode.TreeView<unknown>, 'visible' | 'onDidChangeVisibility'>;

/**
 * While somebody is looking, notices what other windows, the command line or a file manager do to the store. The times of
 * a few folders are looked at; a file system's own events would not come from network drives.
 */
export class StoreWatch implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly views = new Set<WatchedView>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(private readonly catalog: Catalog) {
    this.disposables.add(vscode.window.onDidChangeWindowState(() => this.lookNow()));
    this.disposables.add({ dispose: () => clearTimeout(this.timer) });
  }

  /** Follows the store as long as this view, or another one, is visible. */
  follow(view: WatchedView): void {
    this.views.add(view);
    this.disposables.add(view.onDidChangeVisibility(() => this.lookNow()));
    this.lookNow();
  }

  dispose(): void {
    this.views.clear();
    this.disposables.dispose();
  }

  private lookNow(): void {
    clearTimeout(this.timer);
    if (this.isWatched) void this.look();
  }

  private get isWatched(): boolean {
    return [...this.views].some(view => view.visible);
  }

  // Never two at once: a look at a network drive that has gone may take minutes.
  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.catalog.checkDisk();
    } finally {
      this.looking = false;
      clearTimeout(this.timer);
      const pause = vscode.window.state.focused ? FOCUSED_MS : UNFOCUSED_MS;
      if (this.isWatched) this.timer = setTimeout(() => void this.look(), pause);
    }
  }
}
