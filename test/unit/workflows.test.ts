import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = '.github/workflows';
const workflows = readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'));
const { engines, scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  engines: { vscode: string; node: string };
  scripts: Record<string, string>;
};

describe('The workflows', () => {
  it('run scripts that there are, else they are red for everybody', () => {
    const run = workflows.flatMap(text => [...text.matchAll(/npm (?:run ([\w:]+)|(test|start))/g)]);
    assert.ok(run.length >= 6);
    for (const [line, script, short] of run) assert.ok(scripts[script ?? short ?? ''] !== undefined, line);
  });

  it('test the oldest editor and the oldest Node that are promised, else one of them breaks unnoticed', () => {
    const text = workflows.join('\n');
    assert.ok(text.includes(`vscode: ['${engines.vscode.replace('^', '')}', stable]`));
    assert.ok(text.includes(`node: ['${engines.node.replace('>=', '')}', '`));
  });
});
