// Preloaded (`node --require`) into a program: the rename that publishes a snapshot is done, but its answer is lost, as over a
// network whose server is restarted in between.
const fs = require('node:fs');

const { renameSync } = fs;
fs.renameSync = (from, to) => {
  renameSync(from, to);
  if (/[\\/]tree$/.test(String(from))) throw Object.assign(new Error('EIO: i/o error, rename'), { code: 'EIO' });
};
