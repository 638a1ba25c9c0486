import { HeldFolder, type FolderId } from '../files/held-folder.js';
import { lostLines, searchFiles } from '../search/search-files.js';
import { removeTree } from '../store/trash.js';
import { copyChecked } from '../transfer/checked-copy.js';
import { hashStored, type HashReply } from '../transfer/hash-stored.js';
import { openToRead } from '../transfer/read-file.js';
import { cancelFlag } from '../words/call.js';
import { PhlbError } from '../words/errors.js';
import { phrase } from '../words/phrase.js';
import { inspectDirectories } from './inspect-tree.js';
import type { JobName, Jobs, ThreadSetup } from './jobs.js';
import { measure } from './measure-tree.js';
import { matchEntries, namesOfContents } from './stored-names.js';
import { startRun, WritingRun, type ThreadRun } from './thread-run.js';

/** Does the jobs of one thread, nearly all synchronously. Keeps what a run has set up, from its `setup` to the next. */
export class Executor {
  private state: ThreadRun | undefined;
  private readonly inspected = new Map<string, string>();

  execute<N extends JobName>(name: N, request: Jobs[N][0]): Jobs[N][1] | Promise<Jobs[N][1]> {
    const handlers: { [K in JobName]: (request: Jobs[K][0]) => Jobs[K][1] | Promise<Jobs[K][1]> } = {
      setup: setup => void this.setUp(setup),
      letGo: () => this.close(),
      walk: directories => this.current().walk(directories),
      read: files => files.map(file => this.current().read(file)),
      place: files => files.map(file => this.writing().place(file)),
      finish: directories => directories.flatMap(directory => this.writing().finish(directory)),
      hash,
      inspect: request => inspectDirectories(request, this.inspected, cancelFlag(request.cancel)),
      names: request => namesOfContents(request, cancelFlag(request.cancel)),
      match: request => matchEntries(request, cancelFlag(request.cancel)),
      copy: request => copyChecked(request, cancelFlag(request.cancel)),
      measure,
      remove: removeTree,
      search: request => searchFiles(request, cancelFlag(request.cancel)),
      lost: request => lostLines(request, cancelFlag(request.cancel)),
    };
    return handlers[name](request);
  }

  /** Returns the source as other threads find it until this one is closed or set up anew. */
  setUp(setup: ThreadSetup): FolderId {
    this.endRun();
    this.state = startRun(setup);
    return this.state.source.idWhileHeld();
  }

  /** Lets go of what a call has set up, and of what was inspected for it. */
  close(): void {
    this.endRun();
    this.inspected.clear();
  }

  private endRun(): void {
    this.state?.close();
    this.state = undefined;
  }

  private current(): ThreadRun {
    if (!this.state) throw new PhlbError('store', phrase`A thread was given a job before its setup`);
    return this.state;
  }

  private writing(): WritingRun {
    const state = this.current();
    if (!(state instanceof WritingRun)) throw new Error('this run writes nothing');
    return state;
  }
}

function hash({ paths, within, sha512 = false, cancel }: Jobs['hash'][0]): HashReply[] {
  const cancelled = cancelFlag(cancel);
  if (!within) return paths.map(path => hashStored(path, openToRead, sha512, cancelled));
  const folder = HeldFolder.open(within.path, within);
  try {
    return paths.map(path => hashStored(path, one => folder.open(one), sha512, cancelled));
  } finally {
    folder.close();
  }
}
