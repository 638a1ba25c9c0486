import { access, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, posix } from 'node:path';
import { refusalCode } from '../engine/words/errors.js';
import { relativeInside } from '../engine/words/names.js';

/** What can be seen of the machine from inside. */
export interface ContainerFacts {
  /** of the editor's window: `dev-container`, `wsl`, `ssh-remote`… */
  remoteName: string | undefined;
  /** Docker's or Podman's mark stands in the file system */
  marked: boolean;
  /** `/proc/self/cgroup` */
  cgroup: string;
}

const REMOTES = new Set(['dev-container', 'attached-container', 'k8s-container', 'codespaces']);

export function isContainer({ remoteName, marked, cgroup }: ContainerFacts): boolean {
  return (
    marked ||
    (remoteName !== undefined && REMOTES.has(remoteName)) ||
    /[/:](docker|kubepods|containerd|libpod|lxc|garden)\b/.test(cgroup)
  );
}

/**
 * Where the file system that holds a path is mounted.
 * @param mountinfo `/proc/self/mountinfo`, see proc_pid_mountinfo(5)
 */
export function mountPointOf(path: string, mountinfo: string): string {
  const points = mountinfo
    .split('\n')
    .map(line => unescapeOctal(line.split(' ')[4] ?? ''))
    .filter(point => point !== '' && relativeInside(point, path) !== undefined);
  return points.reduce((longest, point) => (point.length > longest.length ? point : longest), '/');
}

/**
 * Whether what is kept at a root, which may not exist yet, is lost together with the container that this is: its
 * folder is no mounted one.
 */
export async function goesWithContainer(root: string, remoteName: string | undefined): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const marks = await Promise.all(['/.dockerenv', '/run/.containerenv'].map(exists));
  const cgroup = await text('/proc/self/cgroup');
  if (!isContainer({ remoteName, marked: marks.includes(true), cgroup })) return false;
  const folder = await nearest(root);
  const [own, top, mountinfo] = await Promise.all([stat(folder), stat('/'), text('/proc/self/mountinfo')]);
  return own.dev === top.dev && mountPointOf(folder, mountinfo) === '/';
}

// The path itself, or what will hold it, without links.
async function nearest(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(refusalCode(error));
    if (parent !== path && isMissing) return nearest(parent);
    return posix.sep;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function unescapeOctal(point: string): string {
  return point.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
