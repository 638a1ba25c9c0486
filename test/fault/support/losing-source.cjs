// Preloaded (`node --require`) into a program: the folder that PHLB_TEST_SOURCE names is moved away, or cannot be listed any
// more (PHLB_TEST_CODE), from the moment on at which the program makes a folder for a run in progress.
const fs = require('node:fs');

const source = process.env.PHLB_TEST_SOURCE ?? '';
const code = process.env.PHLB_TEST_CODE;
const { mkdirSync, readdirSync } = fs;

/** @param {unknown} path */
function isSource(path) {
  const text = String(path);
  if (text === source) return true;
  if (!/^\/proc\/\w+\/fd\//.test(text)) return false;
  return fs.readlinkSync(text) === source;
}

fs.mkdirSync = (path, ...rest) => {
  if (code === undefined && String(path).includes('/partial/') && fs.existsSync(source)) {
    fs.renameSync(source, `${source}-gone`);
  }
  return mkdirSync(path, ...rest);
};
/**
 * @param {unknown} path
 * @param {unknown[]} rest
 */
const losingReaddir = (path, ...rest) => {
  if (code === undefined || !isSource(path)) {
    return Reflect.apply(readdirSync, fs, [path, ...rest]);
  }
  throw Object.assign(new Error(`${code}: staged, scandir '${String(path)}'`), { code });
};
Object.assign(fs, { readdirSync: losingReaddir });
