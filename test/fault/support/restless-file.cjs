// Preloaded (`node --require`) into a program: the file that PHLB_TEST_RESTLESS names grows whenever its reading begins, and
// the first time the program stops itself as by Ctrl-Z. So what happens meanwhile happens in time on any machine.
const fs = require('node:fs');

const restless = process.env.PHLB_TEST_RESTLESS ?? '';
const { openSync, readSync, readlinkSync } = fs;
const open = new Set();
let stopped = false;

fs.openSync = (path, ...rest) => {
  const fd = openSync(path, ...rest);
  // By whatever path it was opened.
  if (isRestless(fd)) open.add(fd);
  else open.delete(fd);
  return fd;
};
/**
 * @param {number} fd
 * @param {unknown[]} rest
 */
const restlessRead = (fd, ...rest) => {
  // From the start: buffer, offset, length, position.
  if (open.has(fd) && rest[3] === 0) {
    if (!stopped) process.kill(process.pid, 'SIGSTOP');
    stopped = true;
    fs.appendFileSync(restless, 'more');
  }
  return Reflect.apply(readSync, fs, [fd, ...rest]);
};
Object.assign(fs, { readSync: restlessRead });

/** @param {number} fd */
function isRestless(fd) {
  return readlinkSync(`/proc/self/fd/${fd}`) === restless;
}
