import { execFileSync } from 'node:child_process';

/** What is free where a folder lies: bytes, and inodes, by `df`. */
export function free(folder: string): { bytes: number; inodes: number } {
  const told = execFileSync('df', ['-B1', '--output=avail,iavail', folder], { encoding: 'utf8' });
  const [bytes = 0, inodes = 0] = (told.split('\n')[1] ?? '').trim().split(/ +/).map(Number);
  return { bytes, inodes };
}

/** `du -sB1`: what a folder takes on disk, each inode once. */
export function du(folder: string, ...options: string[]): number {
  return Number(
    execFileSync('du', ['-s', ...(options.length > 0 ? options : ['-B1']), folder], { encoding: 'utf8' }).split(
      '\t',
    )[0],
  );
}

/** What the contents of snapshots take on disk, each inode once, by `find`. Not what is in `.phlb`. */
export function allocatedByFiles(root: string): number {
  const lines = execFileSync(
    'find',
    [root, '-path', `${root}/.phlb`, '-prune', '-o', '-type', 'f', '-printf', '%i %b\n'],
    { encoding: 'utf8' },
  );
  const blocks = [...new Set(lines.split('\n'))].filter(line => line !== '').map(line => Number(line.split(' ')[1]));
  return blocks.reduce((sum, count) => sum + count * 512, 0);
}

let counter = 0;

/** Text of this length that no other call gives. Multiples of 4096 take on disk just what they hold. */
export function random(length: number): string {
  return `${++counter} `.padEnd(length, 'lorem ipsum ');
}
