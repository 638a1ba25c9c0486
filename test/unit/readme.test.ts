import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CLI, Sandbox } from '../support/sandbox.js';

const readme = readFileSync('README.md', 'utf8');

describe('The pages', () => {
  it('lead from nothing to a restored file, else whoever follows them loses heart, or a file', () => {
    const [block = ''] = readme.split('## From nothing to a restored file')[1]?.match(/```console\n[\s\S]*?```/) ?? [];
    const lines = [...block.matchAll(/^\$ (.*)$/gm)].map(([, line]) => line ?? '');
    assert.ok(lines.some(line => line.startsWith('phlb restore')));
    const box = new Sandbox();
    try {
      const bin = box.path('bin');
      mkdirSync(bin);
      writeFileSync(join(bin, 'phlb'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
      chmodSync(join(bin, 'phlb'), 0o755);
      const { status, stdout, stderr } = box.run(['sh', '-ec', lines.join('\n')], {
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      });
      assert.equal(status, 0, stderr);
      assert.match(stdout, /\nDear reader\n$/);
    } finally {
      box.dispose();
    }
  });

  it('name files of the code that there are, else a newcomer looks for what has moved', () => {
    const named = readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/`((?:src|test|scripts|docs)\/[\w./-]+\.\w+)`/g);
    const paths = [...named].map(([, path]) => path ?? '').filter(path => !/\/count(-tool)?\.ts$/.test(path));
    assert.ok(paths.length > 15);
    for (const path of paths) assert.ok(existsSync(path), path);
  });

  it('link to files that there are, else the reader stands before a closed door', () => {
    const pages = [
      'README.md',
      'CONTRIBUTING.md',
      'SECURITY.md',
      ...readdirSync('docs')
        .filter(name => name.endsWith('.md'))
        .map(name => join('docs', name)),
    ];
    for (const page of pages) {
      for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)\s#]+)[^)]*\)/g)) {
        assert.ok(existsSync(join(dirname(page), target)), `${page}: ${target}`);
      }
    }
  });
});
