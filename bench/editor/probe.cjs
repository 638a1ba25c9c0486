// Runs in the extension host, beside PHLB.
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');
const vscode = require('vscode');

exports.run = async () => {
  await vscode.extensions.getExtension('phlb.phlb').activate();
  // What comes with every start of a window is not PHLB's.
  await sleep(10_000);
  await watch('nothing going on', () => sleep(10_000));
  await watch('first backup', backUp);
  await watch('backup of nothing new', backUp);
  await vscode.commands.executeCommand('phlb.snapshots.focus');
  await watch('backup with the Snapshots view open', backUp);
};

async function backUp() {
  const { snapshots } = await vscode.commands.executeCommand('phlb.backupWorkspace');
  if (!snapshots[0].published) throw new Error(JSON.stringify(snapshots[0].errors));
}

async function watch(what, work) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  // The timer's own period is no stall.
  const longestMs = Math.max(0, delay.max / 1e6 - 5);
  console.log(process.env.PHLB_BENCH_MARK + JSON.stringify({ what, seconds, longestMs }));
}
