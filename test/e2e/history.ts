import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The command line as another terminal would run it, on the backups of a workbench's home folder. */
export class OtherTerminal {
  constructor(
    readonly home: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  phlb(...args: string[]): string {
    const cli = join(process.cwd(), 'dist', 'cli.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { env: this.env, encoding: 'utf8' });
    assert.equal(status, 0, `phlb ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Backs up `~/documents` and returns the snapshot's id. @param label `''` for none */
  backup(label: string, ...options: string[]): string {
    const named = label === '' ? [] : ['--label', label];
    const answer = this.phlb('backup', join(this.home, 'documents'), ...named, ...options, '--json');
    const { snapshots } = JSON.parse(answer) as { snapshots: { id: string }[] };
    return snapshots[0]?.id ?? assert.fail(answer);
  }

  /** Writes files of `~/documents`. */
  write(files: Record<string, string | Buffer>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = this.path(name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  path(name: string): string {
    return join(this.home, 'documents', name);
  }

  tree(id: string): string {
    return join(this.home, 'PyHardLinkBackups', id);
  }
}

/** `~/documents` with one file, not backed up yet. */
export async function makeReport(home: string): Promise<string> {
  const folder = join(home, 'documents');
  mkdirSync(folder);
  writeFileSync(join(folder, 'report.md'), '# Report\n');
  return folder;
}
