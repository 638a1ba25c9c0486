// Preloaded (`node --require`) into a program: for the rename that publishes a snapshot there is no room, as where its folder
// would have to grow by a block.
const fs = require('node:fs');

const { renameSync } = fs;
fs.renameSync = (from, to) => {
  if (/[\\/]tree$/.test(String(from))) {
    throw Object.assign(new Error('ENOSPC: no space left on device, rename'), { code: 'ENOSPC' });
  }
  return renameSync(from, to);
};
