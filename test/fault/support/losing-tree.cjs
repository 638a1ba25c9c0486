// Preloaded (`node --require`) into a program: the tree that PHLB_TEST_TREE names is moved away at the third file that is
// opened in it, as another PHLB that deletes the snapshot does.
const fs = require('node:fs');

const tree = process.env.PHLB_TEST_TREE ?? '';
const { openSync } = fs;
let opened = 0;

fs.openSync = (path, ...rest) => {
  if (String(path).startsWith(`${tree}/`) && ++opened === 3) fs.renameSync(tree, `${tree}-deleted`);
  return openSync(path, ...rest);
};
