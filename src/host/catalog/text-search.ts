import * as vscode from 'vscode';
import type { TextOptions, TextSearchReply } from '../../contributions.js';
import type { GrepItem, GrepRequest, GrepResult } from '../../engine/grep/grep.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { ListResult, Progress } from '../../engine/words/model.js';
import type { EngineClient } from '../../worker/client.js';
import { setContextKey, type Configuration } from '../editor/configuration.js';
import { isCancelled } from '../editor/error-text.js';
import { hasSnapshots, type Catalog } from './catalog.js';
import { folderGlob } from './folder-glob.js';
import { FoundText } from './found-text.js';
import { StandingSnapshots } from './standing-snapshots.js';

/** What is looked for, and where. */
export interface TextQuery extends TextOptions {
  pattern: string;
  /** one of today; default: everywhere */
  folder?: vscode.Uri;
}

/** `full`: it ended early, since more was found than is shown */
export type SearchState = 'running' | 'done' | 'full' | 'cancelled' | 'failed';

/** `progress`: how far it has come, nothing else */
export type SearchChange = 'results' | 'progress';

/** A search, and what it has found. */
export class ShownSearch {
  readonly found = new FoundText();
  state: SearchState = 'running';
  progress: Progress | undefined;
  /** of one that came to its end */
  result: GrepResult | undefined;
  /** whether more than one source was searched: then files are told apart by theirs */
  hasSources = false;

  /** @param number tells it from others */
  constructor(
    readonly query: TextQuery,
    readonly number: number,
  ) {}
}

/** The snapshots of other windows and of the command line are found, too. */
const LIST_AGE_MS = 2000;

/** Searches the snapshots for text: one search at a time, a new one replaces the one before. */
export class TextSearch implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<SearchChange>();
  /** there is more to show, or something else */
  readonly onDidChange = this.changed.event;
  private readonly listening: vscode.Disposable;
  private abort = new AbortController();
  private searches = 0;
  private shown: ShownSearch | undefined;
  /** the search for which the list was made anew */
  private relistedFor: ShownSearch | undefined;
  private list: ListResult | undefined;
  private snapshots = new StandingSnapshots([]);

  /** @param engine of its own: a long search keeps nobody waiting */
  constructor(
    private readonly engine: EngineClient,
    private readonly catalog: Catalog,
    private readonly configuration: Configuration,
  ) {
    this.listening = catalog.onDidChange(() => void this.followCatalog());
  }

  /** The last one; `undefined`: there is none to show. */
  get current(): ShownSearch | undefined {
    return this.shown;
  }

  /** The address of what was found, in the newest snapshot of the row that stands; `undefined`: none does any more. */
  addressOf(span: Parameters<StandingSnapshots['newestOf']>[0] & { path: string }): vscode.Uri | undefined {
    const at = this.snapshots.newestOf(span);
    return at && this.list && this.catalog.address(this.list.storeId, at.source, at.snapshot, span.path);
  }

  /** The absolute path of what was found, where it is this computer's. */
  todaysPathOf({ source, path }: { source: string; path: string }): { root: string; path: string } | undefined {
    const of = this.list?.sources.find(({ name }) => name === source);
    return of?.local ? { root: of.source, path } : undefined;
  }

  /** Resolves when it has ended. Rejects with `cancelled`, `usage` for what is no pattern, `notFound` where nothing can be searched. */
  async run(query: TextQuery): Promise<TextSearchReply> {
    this.abort.abort();
    const abort = (this.abort = new AbortController());
    const search = new ShownSearch(query, ++this.searches);
    this.show(search);
    try {
      search.result = await this.search(search, abort.signal);
      search.state = 'done';
    } catch (error) {
      search.state = error instanceof Full ? 'full' : isCancelled(error) ? 'cancelled' : 'failed';
      if (!(error instanceof Full)) throw error;
    } finally {
      if (this.shown === search) this.show(search);
    }
    return replyOf(search);
  }

  /** What is wrong with it as a pattern, if anything. @throws PhlbError */
  async check({ pattern, ...options }: TextQuery): Promise<void> {
    await this.engine.call('checkPattern', patternOf({ pattern, ...options }));
  }

  /** Ends what goes on; what was found stays. */
  cancel(): void {
    this.abort.abort();
  }

  /** Ends what goes on, and forgets what was found. */
  clear(): void {
    this.cancel();
    this.relistedFor = undefined;
    this.show(undefined);
  }

  dispose(): void {
    this.cancel();
    this.listening.dispose();
    this.changed.dispose();
  }

  private show(search: ShownSearch | undefined): void {
    this.shown = search;
    void setContextKey('phlb.search', search ? (search.state === 'running' ? 'running' : 'ended') : 'none');
    this.changed.fire('results');
  }

  private async search(search: ShownSearch, signal: AbortSignal): Promise<GrepResult> {
    this.know(await this.catalog.listYoungerThan(LIST_AGE_MS));
    if (!this.list || !hasSnapshots(this.list)) {
      throw new PhlbError('notFound', vscode.l10n.t('There is no snapshot yet.'));
    }
    const request = await this.requestOf(search.query);
    if (signal.aborted) throw PhlbError.cancelled();
    const onProgress = (progress: Progress): void => {
      search.progress = progress;
      if (!signal.aborted) this.changed.fire('progress');
    };
    const onItems = (items: readonly GrepItem[]): Promise<void> => this.take(search, items, signal);
    return this.engine.call('grep', request, { signal, onProgress, onItems });
  }

  private async requestOf(query: TextQuery): Promise<GrepRequest> {
    const { folder, deletedOnly = false } = query;
    const request = { location: this.configuration.location(), ...patternOf(query), deleted: deletedOnly };
    if (!folder) return request;
    const place = await this.catalog.sourceOf(folder);
    if (!place || place.source.snapshots.length === 0) {
      throw new PhlbError('notFound', vscode.l10n.t('No snapshot holds this folder.'), { path: folder.fsPath });
    }
    const { source, path } = place;
    return { ...request, source: source.name, ...(path === '' ? {} : { globs: [folderGlob(path)] }) };
  }

  private async take(search: ShownSearch, items: readonly GrepItem[], signal: AbortSignal): Promise<void> {
    // One that was replaced may still have something on its way.
    if (signal.aborted) return;
    for (const item of items) {
      if (item.type === 'begin') search.hasSources = item.sources.length > 1;
      else if (item.type === 'block') search.found.add(item);
    }
    // Taken since the list was made.
    const isNew = items.some(item => item.type === 'block' && !this.snapshots.knows(item.last));
    if (isNew && this.relistedFor !== search) {
      this.relistedFor = search;
      this.know(await this.catalog.listAgain());
    }
    if (signal.aborted) return;
    if (search.found.isFull) throw new Full();
    this.changed.fire('results');
  }

  // Snapshots may have been removed, in which lines were found.
  private async followCatalog(): Promise<void> {
    if (!this.shown) return;
    // What is wrong with the store the Snapshots view says.
    const list = await this.catalog.list().catch(() => undefined);
    if (!list || list === this.list) return;
    this.know(list);
    this.changed.fire('results');
  }

  private know(list: ListResult): void {
    if (list === this.list) return;
    this.list = list;
    this.snapshots = new StandingSnapshots(list.sources);
  }
}

class Full extends Error {}

function patternOf({ pattern, regex = false, wholeWord = false, matchCase = false }: TextQuery): {
  pattern: string;
  fixed: boolean;
  word: boolean;
  letters: 'exact' | 'ignore';
} {
  return { pattern, fixed: !regex, word: wholeWord, letters: matchCase ? 'exact' : 'ignore' };
}

function replyOf({ found, state, result }: ShownSearch): TextSearchReply {
  return {
    files: found.files.length,
    matches: result?.matches ?? found.count,
    complete: state === 'done',
    contents: result?.contents ?? 0,
    binary: result?.binary ?? 0,
    tooLarge: result?.tooLarge ?? 0,
    errors: result?.errors ?? [],
    unreadable: result?.unreadable ?? [],
  };
}
