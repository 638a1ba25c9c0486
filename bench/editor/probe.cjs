// Runs in the extension host, beside PHLB.
const perfHooks = require('node:perf_hooks');
const timers = require('node:timers/promises');
const vscode = require('vscode');

exports.run = async () => {
  const extension = vscode.extensions.getExtension('phlb.phlb');
  if (!extension) throw new Error('PHLB is not among the extensions of this host');
  await extension.activate();
  // What comes with every start of a window is not PHLB's.
  await timers.setTimeout(10_000);
  await watch('nothing going on', () => timers.setTimeout(10_000));
  await watch('first backup', backUp);
  await watch('backup of nothing new', backUp);
  await vscode.commands.executeCommand('phlb.snapshots.focus');
  await watch('backup with the Snapshots view open', backUp);
};

async function backUp() {
  /** @type {{ snapshots: { published: boolean, errors: unknown[] }[] }} */
  const { snapshots } = await vscode.commands.executeCommand('phlb.backupWorkspace');
  const [snapshot] = snapshots;
  if (!snapshot?.published) throw new Error(JSON.stringify(snapshot?.errors));
}

/**
 * @param {string} what
 * @param {() => Promise<void>} work
 */
async function watch(what, work) {
  const delay = perfHooks.monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  // The timer's own period is no stall.
  const longestMs = Math.max(0, delay.max / 1e6 - 5);
  console.log(process.env.PHLB_BENCH_MARK + JSON.stringify({ what, seconds, longestMs }));
}
