import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leftovers, longFile, until } from '../fault/support/processes.js';
import { Agent, type AgentOptions, type Era } from '../support/mcp.js';
import { CLI, Sandbox } from '../support/sandbox.js';

interface Listed {
  snapshots: { id: string; source: string; kind: string; label: string | null }[];
  omitted?: number;
}
interface Restored {
  dryRun: boolean;
  counts: Record<'created' | 'overwritten' | 'deleted' | 'left' | 'errors', number>;
  safetySnapshot: string | null;
  overwritten: { path: string }[];
  created: { path: string }[];
}

describe('phlb mcp', () => {
  let box: Sandbox;
  let project: string;
  const agents: Agent[] = [];

  beforeEach(() => {
    box = new Sandbox();
    project = box.path('project');
    box.write({
      'project/a.txt': 'one\ntwo\nthree\n',
      'project/src/main.ts': 'run();\n',
      'other/secret.txt': 'secret',
    });
  });
  afterEach(async () => {
    await Promise.all(agents.splice(0).map(agent => agent.close()));
    box.dispose();
  });

  const start = async (options: AgentOptions = {}): Promise<Agent> => {
    const agent = await Agent.start(box, { roots: [project], ...options });
    agents.push(agent);
    return agent;
  };
  const read = (path: string): string => readFileSync(join(project, path), 'utf8');
  const write = (path: string, text: string): void => writeFileSync(join(project, path), text);

  for (const era of ['2025', '2026'] satisfies Era[]) {
    it(`lets a client of ${era} take a snapshot, see what went wrong, and bring it back`, async () => {
      const agent = await start({ era });
      const { snapshot, taken } = await agent.ask('snapshot', { label: 'before' });
      assert.equal(taken, true);
      write('a.txt', 'one\n2\nthree\n');
      rmSync(join(project, 'src'), { recursive: true });
      write('new.txt', 'new');
      const diff = await agent.ask('diff', { snapshot });
      assert.deepEqual(diff['counts'], { added: 1, removed: 2, modified: 1, moved: 0, metadata: 0, unstored: 0 });
      const { diff: text, change } = await agent.ask('diff', { snapshot, path: './a.txt' });
      assert.equal(change, 'modified');
      assert.equal(text, `--- ${String(snapshot)}/a.txt\n+++ today/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n`);
      const { matches } = await agent.ask<{ matches: object[] }>('find', { glob: '*.ts', deleted: true });
      assert.deepEqual(matches, [
        { path: 'src/main.ts', type: 'file', first: snapshot, last: snapshot, deleted: true },
      ]);

      const request = { snapshot: 'project/latest', paths: ['a.txt', 'src/'] };
      const plan = await agent.ask<Restored>('restore', request);
      assert.deepEqual([plan.dryRun, plan.safetySnapshot, plan.overwritten], [true, null, [{ path: 'a.txt' }]]);
      assert.deepEqual([read('a.txt'), existsSync(join(project, 'src'))], ['one\n2\nthree\n', false], 'only told');
      const done = await agent.ask<Restored>('restore', { ...request, dryRun: false });
      assert.deepEqual([read('a.txt'), read('src/main.ts')], ['one\ntwo\nthree\n', 'run();\n']);
      assert.equal(read('new.txt'), 'new', 'what the snapshot does not hold stays');
      assert.equal(readFileSync(join(box.root, done.safetySnapshot ?? '', 'a.txt'), 'utf8'), 'one\n2\nthree\n');

      await agent.ask('undo');
      assert.equal(read('a.txt'), 'one\ntwo\nthree\n', 'only told');
      await agent.ask('undo', { dryRun: false });
      assert.deepEqual([read('a.txt'), existsSync(join(project, 'src/main.ts'))], ['one\n2\nthree\n', false]);
      const { snapshots } = await agent.ask<Listed>('list');
      assert.deepEqual(
        snapshots.map(({ kind, label }) => [kind, label]),
        [
          ['safety', null],
          ['safety', null],
          ['snapshot', 'before'],
        ],
      );
      box.json(0, 'verify');
      assert.equal(agent.said, '');
    });
  }

  it('has no tool that deletes backups, and says which ones only look', async () => {
    const { tools } = await (await start()).client.listTools();
    const hints = tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.destructiveHint]);
    assert.deepEqual(hints, [
      ['snapshot', false, false],
      ['list', true, false],
      ['diff', true, false],
      ['find', true, false],
      ['versions', true, false],
      ['search', true, false],
      ['restore', false, true],
      ['undo', false, true],
    ]);
    for (const { inputSchema, description, title } of tools) {
      assert.equal(inputSchema['additionalProperties'], false);
      assert.ok(description && title);
    }
  });

  it('finds a line that has gone, with the snapshot to restore it from, and stops when it has enough', async () => {
    const agent = await start();
    box.write({ 'project/src/gone.ts': 'const a = 1;\nexport function lostAndFound() {}\n' });
    box.write({ 'elsewhere/secret.ts': 'lostAndFound elsewhere\n' });
    box.backup(box.path('elsewhere'));
    const { snapshot } = await agent.ask('snapshot');
    rmSync(box.path('project/src/gone.ts'));
    await agent.ask('snapshot');
    const found = await agent.ask<{ matches: object[]; complete: boolean }>('search', { pattern: 'lostandfound' });
    assert.deepEqual(found.matches, [
      {
        ...{ path: 'src/gone.ts', first: snapshot, last: snapshot, line: 2 },
        ...{ text: 'export function lostAndFound() {}', deleted: true },
      },
    ]);
    assert.ok(found.complete);
    assert.deepEqual(
      (await agent.ask('search', { pattern: 'lost(And|Or)Found\\(', regex: true }))['matches'],
      found.matches,
    );
    assert.deepEqual((await agent.ask('search', { pattern: 'lostAndFound', globs: ['*.md'] }))['matches'], []);

    box.write({ 'project/src/many.ts': 'the same line\n'.repeat(100_000) });
    await agent.ask('snapshot');
    const many = await agent.ask<{ matches: object[]; complete: boolean }>('search', { pattern: 'same', limit: 20 });
    assert.deepEqual([many.matches.length, many.complete], [20, false]);
  });

  it('takes no snapshot where nothing has changed, and names the newest one', async () => {
    const agent = await start();
    const first = await agent.ask('snapshot', { label: `a ‮\n${'x'.repeat(500)}` });
    const second = await agent.ask('snapshot');
    assert.deepEqual([second['taken'], second['snapshot']], [false, first['snapshot']]);
    const { snapshots } = await agent.ask<Listed>('list');
    assert.equal(snapshots.length, 1);
    assert.match(
      snapshots[0]?.label ?? '',
      /^a {2}x{196}…$/,
      'an agent that gives a long label still gets its snapshot',
    );
  });

  it('takes back what a turn has changed, and says whose it was', async () => {
    const agent = await start();
    const turn = 'turn-1';
    await agent.ask('snapshot', { turn });
    write('a.txt', 'by the agent');
    write('new.txt', 'by the agent');
    await agent.ask('snapshot', { turn });
    write('new.txt', 'by somebody else');
    interface Turns {
      snapshots: { cause: string | null; turns: { id: string; part: string; cause: string | null }[] }[];
    }
    const { snapshots } = await agent.ask<Turns>('list');
    const cause = 'Test Agent';
    assert.deepEqual(
      snapshots.map(({ cause, turns }) => ({ cause, turns })),
      ['after', 'before'].map(part => ({ cause, turns: [{ id: turn, part, cause }] })),
    );
    await agent.ask('undo', { turn });
    assert.equal(read('a.txt'), 'by the agent', 'only told');
    const { left } = await agent.ask<{ left: object[] }>('undo', { turn, dryRun: false });
    assert.deepEqual(left, [{ path: 'new.txt', reason: 'changed' }]);
    assert.deepEqual([read('a.txt'), read('new.txt')], ['one\ntwo\nthree\n', 'by somebody else']);
    assert.match(await agent.refused('undo', { turn: 'none' }), /no turn none/);
    await agent.refused('snapshot', { turn: 'two words' });
    const other = await start({ roots: [box.path('other')] });
    assert.match(await other.refused('undo', { turn, dryRun: false }), /no turn turn-1/);
  });

  it('backs up the source that holds a folder, not a part of it as another one', async () => {
    box.backup(project);
    const agent = await start();
    write('a.txt', 'changed');
    assert.equal((await agent.ask('snapshot', { folder: 'src' }))['source'], project);
    assert.equal((await agent.ask('snapshot', { folder: project }))['source'], project);
    assert.deepEqual(box.ids().length, 2);
    // A source around what is open is not the agent's.
    const inner = await start({ roots: [join(project, 'src')] });
    assert.equal((await inner.ask('snapshot'))['source'], join(project, 'src'));
  });

  it('tells the versions of a file across renames', async () => {
    box.backup(project);
    write('src/main.ts', 'run(2);\n');
    box.backup(project);
    const agent = await start();
    interface Versions {
      versions: { path: string; size: number }[];
      omitted?: number;
    }
    for (const path of ['src/main.ts', join(project, 'src/main.ts')]) {
      const { versions } = await agent.ask<Versions>('versions', { path });
      assert.deepEqual(
        versions.map(({ path, size }) => [path, size]),
        [
          ['src/main.ts', 8],
          ['src/main.ts', 7],
        ],
      );
    }
    const capped = await agent.ask<Versions>('versions', { path: 'src/main.ts', limit: 1 });
    assert.deepEqual([capped.versions.length, capped.omitted], [1, 1]);
    assert.match(await agent.refused('versions', { path: 'none.txt' }), /none\.txt/);
  });

  it('sees nothing of what is not open, and answers as if it were not there', async () => {
    const hidden = box.backup(box.path('other'));
    box.backup(project);
    const agent = await start();
    const ids = (await agent.ask<Listed>('list')).snapshots.map(({ source }) => source);
    assert.deepEqual(ids, [project]);
    assert.deepEqual((await agent.ask('find', { glob: '*' }))['matches'], [
      ...['a.txt', 'src', 'src/main.ts'].map(path => ({
        ...{ path, type: path === 'src' ? 'dir' : 'file' },
        ...{ first: box.ids('project')[0], last: box.ids('project')[0], deleted: false },
      })),
    ]);
    const answer = async (tool: string, snapshot: string): Promise<string> =>
      (await agent.refused(tool, { snapshot, paths: ['.'] })).replaceAll(snapshot, 'X');
    for (const named of [hidden.id, 'other/latest', hidden.path]) {
      assert.equal(await answer('restore', named), await answer('restore', 'none/2020-01-01-000000'), named);
      await agent.refused('diff', { snapshot: named });
    }
    await agent.refused('diff', { snapshot: 'project/latest', other: hidden.id });
    const missing = 'phlb://none/2020-01-01-000000/secret.txt';
    const uri = `phlb://${hidden.id}/secret.txt`;
    const reason = (at: string): Promise<unknown> =>
      agent.read(at).catch((error: Error) => error.message.replace(/\S+\/\S+/g, 'X'));
    assert.equal(await reason(uri), await reason(missing));
    for (const tool of ['snapshot', 'list', 'undo']) await agent.refused(tool, { folder: box.path('other') });
    await agent.refused('versions', { path: box.path('other/secret.txt') });
    await agent.refused('restore', {
      snapshot: 'project/latest',
      paths: ['a.txt'],
      to: box.path('other'),
      dryRun: false,
    });
    assert.equal(existsSync(box.path('other/a.txt')), false);
  });

  it('sees no safety snapshot of a restore elsewhere, and does not take that back', async () => {
    box.backup(project);
    box.write({ 'other/a.txt': 'mine' });
    box.json(0, 'restore', 'project/latest', 'a.txt', '--to', box.path('other'), '--overwrite');
    const agent = await start();
    const safety = box.ids('--all').find(id => !box.ids().includes(id)) ?? '';
    assert.deepEqual(
      (await agent.ask<Listed>('list')).snapshots.map(({ kind }) => kind),
      ['snapshot'],
    );
    await agent.refused('restore', { snapshot: safety, paths: ['.'], dryRun: false });
    await assert.rejects(agent.read(`phlb://${safety}/a.txt`));
    assert.match(await agent.refused('undo', { dryRun: false }), /no restore to undo/);
    assert.equal(readFileSync(box.path('other/a.txt'), 'utf8'), 'one\ntwo\nthree\n');
  });

  it('restores into another folder only within what is open, wherever symlinks lead', async () => {
    box.backup(project);
    const agent = await start();
    symlinkSync(box.path('other'), join(project, 'way-out'));
    const restore = { snapshot: 'project/latest', paths: ['a.txt'], dryRun: false };
    for (const to of ['way-out', 'way-out/new', '../other', box.path('other')]) {
      assert.match(await agent.refused('restore', { ...restore, to }), /open/, to);
    }
    assert.equal(existsSync(box.path('other/a.txt')) || existsSync(box.path('other/new')), false);
    await agent.ask('restore', { ...restore, to: 'back/here' });
    assert.equal(read('back/here/a.txt'), 'one\ntwo\nthree\n');
    write('back/here/a.txt', 'kept');
    const { counts } = await agent.ask<Restored>('restore', { ...restore, to: 'back/here' });
    assert.deepEqual([counts.errors, read('back/here/a.txt')], [1, 'kept']);
  });

  it('follows the client when it opens other folders', async () => {
    box.backup(box.path('other'));
    box.backup(project);
    const agent = await start();
    const sources = async (): Promise<string[]> =>
      (await agent.ask<Listed>('list')).snapshots.map(({ source }) => source);
    assert.deepEqual(await sources(), [project]);
    await agent.open([box.path('other')]);
    assert.deepEqual(await sources(), [box.path('other')]);
    await agent.open([project, box.path('other'), 'file://elsewhere/share']);
    assert.deepEqual((await sources()).sort(), [box.path('other'), project]);
    assert.match(await agent.refused('snapshot'), /Several folders/);
    await agent.ask('snapshot', { folder: project });
    await agent.open([]);
    assert.deepEqual(await sources(), []);
    assert.match(await agent.refused('snapshot'), /No folder/);
  });

  it('serves the folder that it was started in, or --source, for a client without roots', async () => {
    box.backup(box.path('other'));
    const agent = await Agent.start(box, { folder: project });
    agents.push(agent);
    assert.equal((await agent.ask('snapshot'))['source'], project);
    assert.equal((await agent.ask<Listed>('list')).snapshots.length, 1);
    const named = await Agent.start(box, { folder: project, args: ['--source', '../other'] });
    agents.push(named);
    assert.deepEqual(
      (await named.ask<Listed>('list')).snapshots.map(({ source }) => source),
      [box.path('other')],
    );
  });

  it('sees nothing where it was only started in the home folder, or at the top of the disk', async () => {
    box.backup(project);
    for (const folder of ['/', box.dir]) {
      const agent = await Agent.start(box, { folder });
      agents.push(agent);
      assert.deepEqual((await agent.ask<Listed>('list')).snapshots, [], folder);
      assert.match(await agent.refused('snapshot', { folder: project }), /No folder/);
      await assert.rejects(agent.read('phlb://project/latest/a.txt'));
    }
  });

  it('backs up the home folder, or what holds the backup location, only where --source names it', async () => {
    box.write({ 'home/notes.txt': 'n' });
    const agent = await start({ roots: ['/', box.dir, box.home] });
    assert.match(await agent.refused('snapshot', { folder: '/' }), /a whole file system/);
    assert.match(await agent.refused('snapshot', { folder: box.dir }), /the home folder/);
    assert.match(await agent.refused('snapshot', { folder: box.home }), /the home folder/);
    const elsewhere = await start({ roots: [box.path('other')], args: ['--root', box.path('other/backups')] });
    assert.match(await elsewhere.refused('snapshot'), /the backup location/);
    assert.equal(existsSync(box.root), false);
    const named = await start({ roots: [box.home], args: ['--source', box.home] });
    assert.equal((await named.ask('snapshot'))['taken'], true);
  });

  it('tells of one file what has changed in its text, or why it cannot', async () => {
    box.write({ 'project/gone.txt': 'gone\n', 'project/image': 'a\0b' });
    symlinkSync('a.txt', join(project, 'link'));
    longFile(join(project, 'huge'), 2);
    const { id } = box.backup(project);
    rmSync(join(project, 'gone.txt'));
    write('new.txt', 'new\n');
    write('image', 'a\0c');
    const long = Array.from({ length: 3000 }, (_, at) => `line ${at}`).join('\n');
    write('a.txt', `${long}\n${'x'.repeat(5000)}`);
    const agent = await start();
    const diff = (path: string): Promise<Record<string, unknown>> => agent.ask('diff', { snapshot: id, path });
    assert.equal((await diff('gone.txt'))['diff'], `--- ${id}/gone.txt\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-gone\n`);
    assert.equal((await diff('new.txt'))['change'], 'added');
    assert.deepEqual([(await diff('image'))['binary'], (await diff('image'))['diff']], [true, undefined]);
    assert.match(String((await diff('huge'))['notCompared']), /larger/);
    assert.equal((await diff('link'))['change'], 'none');
    assert.equal((await diff('src/main.ts'))['change'], 'none');
    const told = await diff('a.txt');
    assert.equal(String(told['diff']).split('\n').length, 401);
    assert.ok(Number(told['omitted']) > 2500, String(told['omitted']));
    assert.match(await agent.refused('diff', { snapshot: id, path: 'src' }), /folder/);
    assert.match(await agent.refused('diff', { snapshot: id, path: 'none' }), /Neither side/);
  });

  it('caps its lists, and says how much it has left out', async () => {
    box.write(
      Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`project/many/${at} ${'x'.repeat(40)}`, ''])),
    );
    box.backup(project);
    const agent = await start();
    rmSync(join(project, 'many'), { recursive: true });
    const counted = async (tool: string, key: string, args: object): Promise<number> => {
      const { told, text } = await agent.call(tool, { ...args });
      assert.ok(text.length < 21_000, `${tool}: ${text.length}`);
      return (told[key] as unknown[]).length + Number(told['omitted']);
    };
    assert.equal(await counted('find', 'matches', { glob: '*x', limit: 1000 }), 1500);
    assert.equal(await counted('diff', 'changes', { snapshot: 'project/latest', limit: 1000 }), 1501);
    assert.equal(await counted('restore', 'created', { snapshot: 'project/latest', paths: ['many'] }), 1501);
  });

  it('offers snapshots and what is in them to be read', async () => {
    box.write({ 'project/sp ace/ä?#%.txt': 'text', 'project/image': 'a\0b' });
    symlinkSync('/etc/passwd', join(project, 'link'));
    if (process.platform === 'linux')
      writeFileSync(Buffer.concat([Buffer.from(`${project}/b`), Buffer.from([0xff])]), 'bytes');
    longFile(join(project, 'huge'), 2);
    const { id } = box.backup(project);
    const agent = await start();
    const { resources } = await agent.client.listResources();
    assert.deepEqual(
      resources.map(({ uri }) => uri),
      [`phlb://${id}/`],
    );
    const at = `phlb://${id}`;
    const folder = JSON.parse((await agent.read(`${at}/`)).text ?? '') as { entries: { name: string; uri: string }[] };
    const names = folder.entries.map(({ name }) => name);
    assert.deepEqual(names, [
      'a.txt',
      ...(process.platform === 'linux' ? ['b�'] : []),
      'huge',
      'image',
      'link',
      'sp ace',
      'src',
    ]);
    if (process.platform === 'linux') {
      assert.deepEqual(folder.entries[1], {
        ...{ name: 'b�', nameBase64: Buffer.from([0x62, 0xff]).toString('base64') },
        ...{ type: 'file', size: 5, uri: `${at}/b%FF` },
      });
      assert.equal((await agent.read(`${at}/b%FF`)).text, 'bytes');
    }
    const inner = JSON.parse((await agent.read(`${at}/sp%20ace`)).text ?? '') as { entries: { uri: string }[] };
    assert.equal((await agent.read(inner.entries[0]?.uri ?? '')).text, 'text');
    assert.equal(Buffer.from((await agent.read(`${at}/image`)).blob ?? '', 'base64').toString(), 'a\0b');
    assert.equal((await agent.read(`${at}/link`)).text, '/etc/passwd');
    assert.equal((await agent.read(`phlb://project/latest/a.txt`)).text, 'one\ntwo\nthree\n');
    await assert.rejects(agent.read(`${at}/huge`), /2097152 bytes/);
    for (const path of ['none', 'link/x', 'a.txt/x', '%2e%2e/x', 'a%2Fb', '%', '..%2F..', 'a%00b']) {
      await assert.rejects(agent.read(`${at}/${path}`), { code: -32602 }, path);
    }
    const { resourceTemplates } = await agent.client.listResourceTemplates();
    assert.deepEqual(
      resourceTemplates.map(({ uriTemplate }) => uriTemplate),
      ['phlb://{name}/{stamp}/{+path}'],
    );
  });

  it('lists snapshots page by page', async () => {
    for (let at = 0; at < 52; at++) box.phlb('backup', project, '--no-sync', '--quiet');
    const agent = await start();
    const first = await agent.client.listResources({ cursor: undefined });
    const all = first.resources.map(({ uri }) => uri);
    assert.deepEqual(new Set(all).size, 52, 'the client asks for each page');
    assert.deepEqual(
      all.map(uri => uri.slice('phlb://'.length, -1)),
      box.ids().reverse(),
    );
    await assert.rejects(agent.client.listResources({ cursor: 'nonsense' }), { code: -32602 });
  });

  it('stops what the client cancels, and answers others meanwhile', async () => {
    mkdirSync(join(project, 'long'));
    longFile(join(project, 'long/file'), 2000);
    const agent = await start();
    const abort = new AbortController();
    let progress = 0;
    const call = agent.client
      .callTool(
        { name: 'snapshot', arguments: {} },
        { signal: abort.signal, onprogress: () => progress++, timeout: 100_000 },
      )
      .then(
        () => 'done',
        (error: Error) => error.message,
      );
    await until('a run that tells its progress', () => progress > 0 && leftovers(box.root).length > 0);
    assert.deepEqual((await agent.ask<Listed>('list')).snapshots, []);
    abort.abort('enough');
    assert.match(await call, /enough/);
    await until('the end of the run', () => !existsSync(join(box.root, '.phlb', 'lock')));
    assert.deepEqual(box.ids(), []);
    rmSync(join(project, 'long'), { recursive: true });
    assert.equal((await agent.ask('snapshot'))['taken'], true);
    assert.deepEqual(leftovers(box.root), [], 'what it had copied is used or goes');
  });

  it('says in one line what is wrong with how it was started', () => {
    assert.match(box.phlb('mcp', '--source', '').stderr, /^phlb: --source needs a folder\n$/);
    assert.equal(box.phlb('mcp', 'x').status, 2);
    copyFileSync(CLI, box.path('cli.js'));
    const { status, stderr } = box.run([process.execPath, box.path('cli.js'), 'mcp']);
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: This phlb has no server: the script mcp\.js is missing beside it \(.*\)\n$/);
  });
});
