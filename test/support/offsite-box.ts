import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { localRepository, makeRepository, restic, type Repository } from './offsite-servers.js';
import { Sandbox, type Ended } from './sandbox.js';

/** A repository without anything in it: it takes restic two seconds to make one. */
export class EmptyRepository {
  private readonly box = new Sandbox();
  private readonly made = localRepository(this.box.path('repository'));

  constructor() {
    makeRepository(this.made, this.made.repository);
  }

  copyTo(folder: string): Repository {
    this.box.run(['cp', '-r', this.made.repository, folder]);
    return localRepository(folder);
  }

  dispose(): void {
    this.box.dispose();
  }
}

/** A machine with backups and a repository for their copies. */
export class OffsiteBox extends Sandbox {
  readonly there: Repository;

  constructor(empty: EmptyRepository) {
    super();
    this.there = empty.copyTo(this.path('repository'));
  }

  /** `phlb offsite`, which must succeed. */
  offsite(...args: string[]): string {
    const { status, stdout, stderr } = this.tryOffsite({}, ...args);
    assert.equal(status, 0, stderr);
    return stdout;
  }

  tryOffsite(env: NodeJS.ProcessEnv, ...args: string[]): Ended {
    return this.phlbWith({ ...this.there.env, ...env }, 'offsite', ...args);
  }

  /** The ids of what a push has copied. */
  push(env: NodeJS.ProcessEnv = {}): string[] {
    const { status, stdout, stderr } = this.tryOffsite(env, 'push', '--json');
    assert.equal(status, 0, stderr);
    return (JSON.parse(stdout) as { uploaded: { id: string }[] }).uploaded.map(({ id }) => id);
  }

  /** The copies as restic lists them. */
  copies(): string[] {
    const list = JSON.parse(restic(this.there, ['snapshots', '--json', '--tag', 'phlb'])) as { tags: string[] }[];
    const tags = list.flatMap(({ tags }) => tags.filter(tag => /^phlb:.*\//.test(tag)));
    return tags.map(tag => tag.slice('phlb:'.length)).sort();
  }

  /** Loses root, index and state; the root as it was stands in `was`. */
  lose(): void {
    rmSync(this.path('was'), { recursive: true, force: true });
    renameSync(this.root, this.path('was'));
    rmSync(this.state, { recursive: true });
  }
}
