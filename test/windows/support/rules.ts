/**
 * What Windows forbids and Wine allows, put around Node's calls. Preloaded into each program under test, so that code which
 * only Wine would let pass fails here too. What the rules are and how sure they are is in docs/platforms.md.
 *
 * `PHLB_TEST_BUSY=N`: the first N renames of folders find a file in them open, as by a virus scanner.
 * `PHLB_TEST_LINKS=N`: a file can have N names; 0: there are no hardlinks, as on exFAT.
 */
import fs from 'node:fs';

const { linkSync, openSync, renameSync } = fs;
let busy = Number(process.env['PHLB_TEST_BUSY'] ?? 0);
const links = Number(process.env['PHLB_TEST_LINKS'] ?? 1023);

fs.openSync = (path, flags, mode) => {
  if (writes(flags) && isReadOnly(path)) throw failure('EPERM', 'operation not permitted', 'open', path);
  return openSync(path, flags, mode);
};

fs.renameSync = (from, to) => {
  if (isReadOnly(to)) throw failure('EPERM', 'operation not permitted', 'rename', to);
  if (busy > 0 && fs.lstatSync(from, { throwIfNoEntry: false })?.isDirectory()) {
    busy--;
    throw failure('EPERM', 'operation not permitted', 'rename', from);
  }
  renameSync(from, to);
};

fs.linkSync = (existing, path) => {
  // ERROR_INVALID_FUNCTION and ERROR_TOO_MANY_LINKS, as libuv passes them on.
  if (links === 0) throw failure('EISDIR', 'illegal operation on a directory', 'link', existing);
  if (fs.statSync(existing).nlink >= links) throw failure('UNKNOWN', 'unknown error', 'link', existing);
  linkSync(existing, path);
};

// ERROR_PRIVILEGE_NOT_HELD: without developer mode only administrators make symlinks. Wine says that it did, and did not.
fs.symlinkSync = (_target, path) => {
  throw failure('EPERM', 'operation not permitted', 'symlink', path);
};

function writes(flags: fs.OpenMode | undefined): boolean {
  return typeof flags === 'string' ? /[wa+]/.test(flags) && !flags.includes('x') : ((flags ?? 0) & 3) !== 0;
}

function isReadOnly(path: fs.PathLike): boolean {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.isFile() && (stat.mode & 0o200) === 0;
}

function failure(code: string, words: string, call: string, path: fs.PathLike): Error {
  return Object.assign(new Error(`${code}: ${words}, ${call} '${String(path)}'`), { code, syscall: call });
}
