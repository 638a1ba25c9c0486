// Preloaded (`node --require`) into a program that is to die as by kill -9: right before the change that brings the number
// of changes it has made to the disk, over all of its threads, to PHLB_TEST_KILL_AT. PHLB_TEST_KILL_COUNT names the file
// whose size counts them. With PHLB_TEST_KILL_CALL only calls of that function count.
const fs = require('node:fs');

const at = Number(process.env.PHLB_TEST_KILL_AT);
const { fstatSync, writeSync } = fs;
const counter = fs.openSync(process.env.PHLB_TEST_KILL_COUNT ?? '', 'a');

const changes = [
  ...['mkdirSync', 'rmdirSync', 'rmSync', 'unlinkSync', 'linkSync', 'symlinkSync', 'renameSync', 'writeSync'],
  ...['writeFileSync', 'truncateSync', 'ftruncateSync', 'copyFileSync', 'chmodSync', 'fchmodSync'],
  ...['utimesSync', 'futimesSync', 'lutimesSync', 'fsyncSync'],
];
for (const name of process.env.PHLB_TEST_KILL_CALL ? [process.env.PHLB_TEST_KILL_CALL] : changes) {
  const real = Reflect.get(fs, name);
  /** @param {unknown[]} args */
  const counted = (...args) => {
    writeSync(counter, '.');
    if (fstatSync(counter).size >= at) process.kill(process.pid, 'SIGKILL');
    return Reflect.apply(real, fs, args);
  };
  Reflect.set(fs, name, counted);
}
