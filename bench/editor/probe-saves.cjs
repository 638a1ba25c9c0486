// Runs in the extension host, beside PHLB.
/** @import { Saves } from './saves.mjs' */
const childProcess = require('node:child_process');
const timers = require('node:timers/promises');
const vscode = require('vscode');

const { PHLB_BENCH_MARK: mark = '', PHLB_BENCH_FILE: file = '', PHLB_BENCH_SHADOW: shadow = '' } = process.env;
const rounds = Number(process.env.PHLB_BENCH_ROUNDS);

exports.run = async () => {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) throw new Error('No folder is open');
  const git = shadowOf(folder.uri.fsPath);
  git('init -q');
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document);
  // The first ones store everything.
  await backUp();
  commit(git);
  /** @type {Saves} */
  const phlb = { label: 'PHLB', seconds: [], cpuSeconds: [], files: 0 };
  /** @type {Saves} */
  const beside = { label: 'git add -A && git commit', seconds: [], cpuSeconds: [], files: 0 };
  for (let round = 0; round < rounds; round++) {
    // Files of a moment ago would be read again.
    await timers.setTimeout(3000);
    await save(document, round);
    const began = { time: performance.now(), cpu: process.cpuUsage() };
    phlb.files = await backUp();
    const { user, system } = process.cpuUsage(began.cpu);
    phlb.seconds.push((performance.now() - began.time) / 1000);
    phlb.cpuSeconds.push((user + system) / 1e6);
    const { seconds, cpuSeconds } = commit(git);
    beside.seconds.push(seconds);
    beside.cpuSeconds.push(cpuSeconds);
  }
  beside.files = git('ls-tree -r HEAD')
    .stdout.split('\n')
    .filter(line => line.includes(' blob ')).length;
  for (const one of [phlb, beside]) console.log(mark + JSON.stringify(one));
};

/**
 * @param {vscode.TextDocument} document
 * @param {number} round
 */
async function save(document, round) {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(0, 0), `edit ${round}\n`);
  await vscode.workspace.applyEdit(edit);
  if (!(await document.save())) throw new Error('The file could not be saved');
}

async function backUp() {
  /** @type {{ snapshots: { published: boolean, files: number, errors: unknown[] }[] }} */
  const { snapshots } = await vscode.commands.executeCommand('phlb.backupWorkspace');
  const [snapshot] = snapshots;
  if (!snapshot?.published) throw new Error(JSON.stringify(snapshot?.errors));
  return snapshot.files;
}

/** @param {string} folder */
function shadowOf(folder) {
  /** @param {string} command git's, for the shell */
  return command => {
    const whole = `git --git-dir="$0" --work-tree="$1" -c user.name=bench -c user.email=bench@localhost ${command}; times`;
    const { status, stdout, stderr } = childProcess.spawnSync('sh', ['-ec', whole, shadow, folder], {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    });
    if (status !== 0) throw new Error(stderr);
    return { stdout };
  };
}

/** @param {ReturnType<typeof shadowOf>} git */
function commit(git) {
  const began = performance.now();
  const outputs = ['add -A', 'commit -q --allow-empty -m checkpoint'].map(command => git(command).stdout);
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: sum(outputs.map(cpuOfChildren)) };
}

/** @param {string} times of the shell itself, and of its children: `0m0.01s 0m0.00s` each */
function cpuOfChildren(times) {
  const [line = ''] = times.trim().split('\n').slice(-1);
  return sum(
    [...line.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds)),
  );
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
