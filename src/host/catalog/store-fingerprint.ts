import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Layout } from '../../engine/store/layout.js';

/**
 * A text that is another one as soon as a snapshot has come, gone, or been labelled or pinned, whoever did it; made from
 * the times of a few folders, so that it may be asked for often. Never rejects: of a root that is not there it says so.
 */
export async function storeFingerprint(root: string): Promise<string> {
  const layout = new Layout(root);
  const folders = (await foldersIn(root)).flatMap(name => [layout.sourceFolder(name), join(layout.manifests, name)]);
  const marks = await Promise.all([root, layout.storeFile, ...folders].map(markOf));
  return marks.join('\n');
}

async function foldersIn(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .flatMap(entry => (entry.isDirectory() && !entry.name.startsWith('.phlb') ? [entry.name] : []))
      .sort();
  } catch {
    // Why it cannot be read stands in the root's own mark.
    return [];
  }
}

// The inode too: a folder that was exchanged for another may have the same time.
async function markOf(path: string): Promise<string> {
  try {
    const { ino, mtimeNs } = await stat(path, { bigint: true });
    return `${path} ${ino} ${mtimeNs}`;
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}`;
  }
}
