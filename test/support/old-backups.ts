/** Trees as the generations of PyHardLinkBackup leave them, made with standard tools from what they document. */
import { createHash } from 'node:crypto';
import { appendFileSync, linkSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

type Files = Record<string, string>;

/** The first one: `FILE.sha512` beside each file, 128 hex digits, and nothing else anywhere. Returns the tree. */
export function writeFirstBackup(root: string, name: string, stamp: string, files: Files, linkFrom?: string): string {
  const tree = join(root, name, stamp);
  for (const [path, content] of Object.entries(files)) {
    location(tree, path, content, linkFrom);
    writeFileSync(join(tree, `${path}.sha512`), hex('sha512', content));
  }
  return tree;
}

/** 0.x: `FILE.sha512` beside each file, `phlb_config.ini` in the tree, log and summary beside it. Returns the tree. */
export function write2016Backup(root: string, name: string, stamp: string, files: Files, linkFrom?: string): string {
  const tree = writeFirstBackup(root, name, stamp, files, linkFrom);
  writeFileSync(join(tree, 'phlb_config.ini'), '[BACKUP_RUN]\nprimary_key = 1\n\n');
  writeFileSync(join(root, name, `${stamp}.log`), 'log\n');
  writeFileSync(join(root, name, `${stamp} summary.txt`), 'Backup done:\n');
  return tree;
}

/** 1.x: a `SHA256SUMS` in each folder with files, log and summary beside the tree, `.phlb/hash-lookup`. */
export function write1xBackup(root: string, name: string, stamp: string, files: Files, linkFrom?: string): string {
  const tree = join(root, name, stamp);
  for (const [path, content] of Object.entries(files)) {
    const sha256 = hex('sha256', content);
    location(tree, path, content, linkFrom);
    appendFileSync(join(tree, dirname(path), 'SHA256SUMS'), `${sha256}  ${basename(path)}\n`);
    const lookup = join(root, '.phlb', 'hash-lookup', sha256.slice(0, 2), sha256.slice(2, 4));
    mkdirSync(lookup, { recursive: true });
    writeFileSync(join(lookup, sha256), join(name, stamp, path));
  }
  writeFileSync(join(root, name, `${stamp}-backup.log`), 'log\n');
  writeFileSync(join(root, name, `${stamp}-summary.txt`), 'Backup complete\n');
  return tree;
}

function location(tree: string, path: string, content: string, linkFrom: string | undefined): void {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  if (linkFrom === undefined) {
    writeFileSync(file, content);
    utimesSync(file, 1_450_000_000, 1_450_000_000);
  } else linkSync(join(linkFrom, path), file);
}

function hex(algorithm: string, content: string): string {
  return createHash(algorithm).update(content).digest('hex');
}
