/** `node --require no-links.js PROGRAM`: a file system without hardlinks, as far as the program can see. */
import fs from 'node:fs';

fs.linkSync = (): never => {
  throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM', syscall: 'link' });
};
