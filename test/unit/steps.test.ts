import * as assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as StepsModule from '../../scripts/steps.mjs';

describe('The steps of npm start', () => {
  let script: typeof StepsModule;
  let lines: string[];

  before(async () => {
    script = (await import(pathToFileURL(join(process.cwd(), 'scripts', 'steps.mjs')).href)) as typeof StepsModule;
  });
  beforeEach(() => (lines = []));

  it('are counted, a line each, with how far a long one is, else it looks as if it hung', async () => {
    let toldProgress: () => void = assert.fail;
    const progress = new Promise<void>(resolve => (toldProgress = resolve));
    const print = (line: string): void => {
      lines.push(line);
      if (line.includes('12 of about 47 MB')) toldProgress();
    };
    const next = script.steps(2, { print, everyMs: 1 });
    assert.equal(await next('building', async () => 'built'), 'built');
    await next('VS Code', () =>
      script.step('fetching code-server', async report => {
        report(() => '12 of about 47 MB');
        await progress;
      }),
    );
    const told = lines.filter(line => !/^\d of 2: .*\d s$/.test(line) || line.includes('MB'));
    assert.deepEqual(told.slice(0, 3), [
      '1 of 2: building',
      '2 of 2: VS Code',
      '2 of 2: VS Code: fetching code-server: 12 of about 47 MB, 0 s',
    ]);
  });

  it('tell each of its own part where several go on at a time', async () => {
    let toldBoth: () => void = assert.fail;
    const both = new Promise<void>(resolve => (toldBoth = resolve));
    const print = (line: string): void => {
      lines.push(line);
      if (['judges: apt', 'libraries: npm'].every(part => lines.some(one => one.includes(part)))) toldBoth();
    };
    const next = script.steps(2, { print, everyMs: 1 });
    await Promise.all([
      next('libraries', () => script.step('npm', () => both)),
      next('judges', () => script.step('apt', () => both)),
    ]);
    assert.ok(!lines.some(line => /libraries.*apt|judges.*npm/.test(line)), lines.join('\n'));
  });

  it('end with what a program has said that failed, else nobody knows why', async () => {
    const { runQuietly } = (await import(pathToFileURL(join(process.cwd(), 'scripts', 'processes.mjs')).href)) as {
      runQuietly: (command: string, args: string[]) => Promise<void>;
    };
    const says = (code: number): string[] => ['-e', `console.log('some noise'); process.exitCode = ${code}`];
    await runQuietly(process.execPath, says(0));
    await assert.rejects(runQuietly(process.execPath, says(3)), /failed with exit code 3\nsome noise/);
  });
});
