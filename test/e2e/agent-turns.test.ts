import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Workbench } from './workbench.js';

const CLI = resolve('dist/cli.js');

describe('Somebody whose agent went too far', () => {
  let workbench: Workbench;
  let folder: string;

  before(async () => {
    workbench = await Workbench.launch((home, env) => {
      const project = join(home, 'shop');
      mkdirSync(join(project, 'src'), { recursive: true });
      mkdirSync(join(project, 'data'));
      for (const name of ['cart', 'checkout', 'prices']) {
        writeFileSync(join(project, 'src', `${name}.ts`), `export const ${name} = 'works';\n`);
      }
      writeFileSync(join(project, 'notes.md'), '# Ideas\n');
      writeFileSync(join(project, 'data', 'orders.csv'), 'id,total\n1,20\n');
      writeFileSync(join(project, '.gitignore'), 'data/\n');
      const git = (...args: string[]): void => void execFileSync('git', args, { cwd: project, env, stdio: 'ignore' });
      git('init', '-q');
      const mark = (turn: string): void => {
        const args = [CLI, 'backup', project, '--skip-unchanged', '--cause', 'Claude Code', '--turn', turn, '--quiet'];
        execFileSync(process.execPath, args, { env });
      };
      mark('one');
      appendFileSync(join(project, 'src', 'cart.ts'), 'export const added = 1;\n');
      mark('one');
      appendFileSync(join(project, 'notes.md'), '- mine, before the second turn\n');
      mark('two');
      execFileSync('sh', ['-c', 'rm src/prices.ts; echo "broken(" > src/checkout.ts; echo x > src/helper.ts'], {
        cwd: project,
      });
      git('clean', '-fdx', 'data');
      mark('two');
      return Promise.resolve(project);
    });
    folder = join(workbench.home, 'shop');
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
    await workbench.page.keyboard.press('Escape');
    await workbench.clearNotifications();
  });

  it('sees in the tree whose work a snapshot holds', async () => {
    await workbench.openContainer('PHLB');
    await workbench.setSidebarWidth(385);
    await workbench.treeItem(/Claude Code, 1 changed/).waitFor();
    await workbench.treeItem(/Claude Code, 4 changed/).waitFor();
    await workbench.expand(/Claude Code, 4 changed/);
    await workbench
      .treeItem(/^checkout\.ts/)
      .or(workbench.treeItem(/^src/))
      .first()
      .waitFor();
    await workbench.screenshot('agent-tree');
  });

  it('looks at a turn and takes it back alone, and what was written meanwhile stays', async () => {
    appendFileSync(join(folder, 'notes.md'), '- mine, since\n');
    appendFileSync(join(folder, 'src', 'helper.ts'), 'mine, too\n');
    await workbench.runCommand("PHLB: Take Back an Agent's Changes…");
    await workbench.quickPick(/Claude Code.*4 changed · shop/).waitFor();
    await workbench.screenshot('agent-turns');
    await workbench.page.keyboard.press('Enter');
    await workbench.dialog
      .getByText(/^Take back what Claude Code changed \(Today \d\d:\d\d( – \d\d:\d\d)?\)\?$/)
      .waitFor();
    await workbench.dialog.getByText('Left, since somebody else has changed it: 1 (src/helper.ts).').waitFor();
    await workbench.screenshot('agent-take-back');
    await workbench.answerDialog('Show Changes');
    await workbench.page.locator('.multiDiffEntry').filter({ hasText: 'checkout.ts' }).first().waitFor();
    const shown = workbench.notification(/This is what Claude Code changed/);
    await shown.waitFor();
    await workbench.screenshot('agent-changes');
    await workbench.answerNotification(shown, 'Take Back…');
    await workbench.answerDialog('Take Back');
    await workbench.notification(/Taken back: what Claude Code changed\./).waitFor();
    const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
    assert.equal(read('src/checkout.ts'), "export const checkout = 'works';\n");
    assert.equal(read('src/prices.ts'), "export const prices = 'works';\n");
    assert.equal(read('data/orders.csv'), 'id,total\n1,20\n');
    assert.equal(read('notes.md'), '# Ideas\n- mine, before the second turn\n- mine, since\n');
    assert.equal(read('src/helper.ts'), 'x\nmine, too\n');
    assert.match(read('src/cart.ts'), /added/, 'the first turn stays');
  });

  it('takes another one back from its snapshot in the tree', async () => {
    rmSync(join(folder, 'src', 'helper.ts'), { force: true });
    await workbench.contextMenu(/Claude Code, 1 changed/, "Take Back an Agent's Changes…");
    await workbench.answerDialog('Take Back');
    await workbench.notification(/Taken back: what Claude Code changed\./).waitFor();
    assert.equal(readFileSync(join(folder, 'src', 'cart.ts'), 'utf8'), "export const cart = 'works';\n");
    assert.ok(existsSync(join(folder, 'src', 'checkout.ts')));
  });

  it('sets an agent up by what is on the screen, sees before what is written where, and takes it out again', async () => {
    const settings = join(workbench.home, '.claude', 'settings.json');
    const mine = '{\n  // mine\n  "model": "opus"\n}\n';
    mkdirSync(join(workbench.home, '.claude'));
    writeFileSync(settings, mine);
    const choose = async (): Promise<void> => {
      await workbench.runCommand('PHLB: Set Up for Coding Agents…');
      await workbench.quickPick(/Claude Code/).click();
    };
    const ok = (): Promise<void> => workbench.page.keyboard.press('Enter');
    await choose();
    await workbench.screenshot('agents-to-set-up');
    await ok();
    await workbench.dialog.getByText('Set up PHLB for Claude Code?').waitFor();
    await workbench.screenshot('agent-set-up');
    await workbench.answerDialog('Show');
    await workbench.showsText('+  "hooks": {');
    await workbench.screenshot('agent-set-up-shown');
    await choose();
    await ok();
    await workbench.answerDialog('Set Up');
    await workbench.notification(/PHLB is set up for Claude Code\./).waitFor();
    assert.match(readFileSync(settings, 'utf8'), /agent hook claude/);
    await workbench.clearNotifications();
    await choose();
    await ok();
    await workbench.dialog.getByText('Everything is set up already.').waitFor();
    await workbench.answerDialog('Remove');
    await workbench.notification(/PHLB is no longer set up for Claude Code\./).waitFor();
    assert.equal(readFileSync(settings, 'utf8'), mine);
  });
});
