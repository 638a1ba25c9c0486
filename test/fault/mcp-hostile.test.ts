import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '../support/mcp.js';
import { CLI, Sandbox } from '../support/sandbox.js';
import { leftovers, longFile, start, until, type Running } from './support/processes.js';

interface Reply {
  jsonrpc: string;
  id: number;
  result?: { isError?: boolean; content?: { text: string }[] };
  error?: { code: number; message: string };
}

/** A client that sends what it likes. */
class Hostile {
  private readonly server: Running;
  private lastId = 0;

  constructor(box: Sandbox, folder: string) {
    this.server = start(box, ['sh', '-c', `cd "$1" && exec "$2" "$3" mcp`, 'sh', folder, process.execPath, CLI]);
  }

  get pid(): number {
    return this.server.child.pid ?? 0;
  }

  get ended(): Running['ended'] {
    return this.server.ended;
  }

  /** All that stdout and stderr have got, line by line. */
  lines(): string[] {
    return this.server.said().split('\n').filter(Boolean);
  }

  raw(text: string): void {
    this.server.child.stdin?.write(text);
  }

  /** Waits until the server has taken all that was sent. @returns false: it does not, within a second */
  async isHeard(): Promise<boolean> {
    const { stdin } = this.server.child;
    if (!stdin?.writableNeedDrain) return true;
    return Promise.race([once(stdin, 'drain').then(() => true), sleep(1000).then(() => false)]);
  }

  /** Does not read any more, or again. */
  listen(reads: boolean): void {
    const { stdout } = this.server.child;
    if (reads) stdout?.resume();
    else stdout?.pause();
  }

  /** Its exit code, also where its last words are not read. */
  async exitCode(): Promise<unknown> {
    return ((await once(this.server.child, 'exit')) as unknown[])[0];
  }

  send(message: object): void {
    this.raw(`${JSON.stringify(message)}\n`);
  }

  /** Sends a request on its way. @returns its id */
  begin(method: string, params: unknown): number {
    const id = ++this.lastId;
    this.send({ jsonrpc: '2.0', id, method, params });
    return id;
  }

  async request(method: string, params: unknown): Promise<Reply> {
    return this.reply(this.begin(method, params));
  }

  async reply(id: number): Promise<Reply> {
    let found: Reply | undefined;
    await until(`an answer to ${id}`, () => (found = this.replies().find(one => one.id === id)) !== undefined);
    assert.ok(found);
    return found;
  }

  call(name: string, args: unknown): Promise<Reply> {
    return this.request('tools/call', { name, arguments: args });
  }

  async greet(): Promise<void> {
    await this.request('initialize', {
      ...{ protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'hostile', version: '1' } },
    });
    this.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  }

  close(): void {
    this.server.child.stdin?.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.server.child.kill(signal);
  }

  replies(): Reply[] {
    return this.lines()
      .filter(line => line.startsWith('{') && line.endsWith('}'))
      .map(line => JSON.parse(line) as Reply);
  }
}

describe('A hostile client of phlb mcp', () => {
  let box: Sandbox;
  let project: string;
  const clients: Hostile[] = [];

  beforeEach(() => {
    box = new Sandbox();
    project = box.path('project');
    box.write({ 'project/a.txt': 'a', 'outside/secret.txt': 'secret' });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) {
      client.kill('SIGKILL');
      await client.ended;
    }
    box.dispose();
  });

  const connect = async (): Promise<Hostile> => {
    const client = new Hostile(box, project);
    clients.push(client);
    await client.greet();
    return client;
  };
  /** Begins a snapshot that takes a while. */
  const beginLong = async (client: Hostile): Promise<void> => {
    longFile(join(project, 'long'), 2000);
    client.begin('tools/call', { name: 'snapshot', arguments: {} });
    await until('a run under way', () => leftovers(box.root).length > 0);
  };
  /** Nothing of the run is left but what the next one uses. */
  const assertClean = (): void => {
    assert.equal(existsSync(join(box.root, '.phlb/lock')), false);
    assert.deepEqual(box.ids(), []);
    writeFileSync(join(project, 'long'), '');
    box.backup(project);
    assert.deepEqual(leftovers(box.root), []);
    box.json(0, 'verify');
  };

  it('closes in mid-call: the run ends, no lock stays, and the server goes', async () => {
    const client = await connect();
    await beginLong(client);
    client.close();
    const { code, signal } = await client.ended;
    assert.deepEqual([code, signal], [0, null]);
    assertClean();
  });

  it('is told goodbye after a signal in mid-call: the same, with the status of a cancelled command', async () => {
    const client = await connect();
    await beginLong(client);
    client.kill('SIGTERM');
    const { code } = await client.ended;
    assert.equal(code, 130);
    assertClean();
  });

  it('closes before it has said anything', async () => {
    const client = new Hostile(box, project);
    clients.push(client);
    client.close();
    assert.deepEqual(await client.ended, { code: 0, signal: null, said: '' });
  });

  it('sends a line of 100 MB: it is not kept in memory', async () => {
    const client = await connect();
    let most = 0;
    let gone = false;
    void client.ended.then(() => (gone = true));
    client.raw('{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"list","arguments":{"folder":"');
    const chunk = 'x'.repeat(1 << 20);
    for (let sent = 0; sent < 100; sent++) client.raw(chunk);
    await until('its end', () => {
      const peak = existsSync(`/proc/${client.pid}/status`)
        ? /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${client.pid}/status`, 'utf8'))?.[1]
        : undefined;
      most = Math.max(most, Number(peak ?? 0));
      return gone;
    });
    const { code } = await client.ended;
    assert.equal(code, 1);
    assert.match(client.lines().at(-1) ?? '', /^phlb: ReadBuffer exceeded maximum size of 1048576 bytes$/);
    assert.ok(most < 200 * 1024, `${most} kB`);
  });

  it('does not read its answers: it is not heard, nothing is lost, and a signal ends the server', async () => {
    const client = await connect();
    client.listen(false);
    const ids: number[] = [];
    while (ids.length < 50_000 && (await client.isHeard())) ids.push(client.begin('tools/list', {}));
    assert.ok(ids.length < 50_000, 'it is heard for ever');
    const peak = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${client.pid}/status`, 'utf8'))?.[1]);
    assert.ok(peak < 200 * 1024, `${peak} kB for ${ids.length} requests`);
    client.listen(true);
    await client.reply(ids.at(-1) ?? 0);
    assert.deepEqual(new Set(client.replies().map(({ id }) => id)), new Set([1, ...ids]));
    assert.deepEqual(
      client.lines().filter(line => !line.startsWith('{')),
      [],
    );
    client.listen(false);
    while (await client.isHeard()) client.begin('tools/list', {});
    client.kill('SIGTERM');
    assert.equal(await client.exitCode(), 130);
  });

  it('sends what is no message: it is told so, and the next one is answered', async () => {
    const client = await connect();
    client.raw('nonsense\n{"jsonrpc":\n\n[]\n"x"\nnull\n{}\n{"jsonrpc":"1.0","id":3}\n\x00\xff\n');
    for (let at = 0; at < 100; at++) client.raw('{"jsonrpc":"2.0","id":{},"method":7}\n');
    assert.equal((await client.request('no/such', {})).error?.code, -32601);
    client.begin('tools/call', 5);
    assert.ok((await client.request('tools/call', { name: 7 })).error);
    assert.ok((await client.request('tools/call', { name: 'purge', arguments: {} })).error);
    for (const name of ['constructor', '__proto__', 'toString', '']) {
      assert.ok((await client.request('tools/call', { name, arguments: {} })).error, name);
    }
    assert.ok((await client.call('list', {})).result);
    const told = client.lines().filter(line => !line.startsWith('{'));
    assert.ok(told.length <= 20, `${told.length} lines of diagnostics`);
    assert.ok(told.every(line => line.startsWith('phlb: ') && line.length < 600));
  });

  it('gives wrong types, and too much of everything', async () => {
    box.backup(project);
    const client = await connect();
    const wrong: [string, unknown][] = [
      ...[null, 5, 'x', [], { unknown: 1 }, { limit: 'all' }, { limit: 1e9 }, { limit: -1 }, { folder: {} }].map(
        (args): [string, unknown] => ['list', args],
      ),
      ['snapshot', { label: 7 }],
      ['snapshot', { label: 'x'.repeat(5000) }],
      ['snapshot', { folder: 'x'.repeat(5000) }],
      ['find', {}],
      ['find', { glob: '' }],
      ['find', { glob: '{a,b}'.repeat(3000) }],
      ['find', { glob: '*'.repeat(4000) + '/x' + '{a,b}'.repeat(15) }],
      ['diff', { snapshot: 'x'.repeat(2000) }],
      ['restore', { snapshot: 'project/latest', paths: [] }],
      ['restore', { snapshot: 'project/latest', paths: Array(101).fill('a.txt') }],
      ['restore', { snapshot: 'project/latest', paths: Array(100_000).fill('') }],
      ['restore', { snapshot: 'project/latest', paths: ['a.txt'], dryRun: 'no' }],
      ['restore', { snapshot: 'project/latest', paths: ['a.txt'], git: true, dryRun: false }],
      ['undo', { dryRun: 0 }],
    ];
    for (const [name, args] of wrong) {
      const { result, error } = await client.call(name, args);
      const text = error?.message ?? result?.content?.[0]?.text ?? '';
      const what = `${name} ${JSON.stringify(args).slice(0, 80)}: ${text.slice(0, 200)}`;
      if (name === 'find' && !error && !result?.isError) assert.match(text, /"matches":\[\]/, what);
      else assert.ok(error ?? result?.isError, what);
      assert.ok(text.length < 3000, what);
    }
    assert.equal(box.ids('--all').length, 1, 'nothing was done');
  });

  it('names paths that lead out: nothing there is read or written', async () => {
    const { id } = box.backup(project);
    const client = await connect();
    const out = [
      '../outside/secret.txt',
      '../..',
      '..',
      '/etc/passwd',
      '/',
      'a/../../outside',
      './../outside',
      'a//b',
      'a\0b',
    ];
    const refused = async (name: string, args: object): Promise<void> => {
      const { result } = await client.call(name, args);
      const text = result?.content?.[0]?.text ?? '';
      assert.ok(result?.isError, `${name} ${JSON.stringify(args)}: ${text}`);
      assert.doesNotMatch(text, /secret(?!\.txt)|root:|\n/);
    };
    for (const path of [...out, 'C:\\Windows', '\\\\server\\share', 'a\\..\\..\\outside']) {
      await refused('restore', { snapshot: id, paths: [path], dryRun: false });
      await refused('diff', { snapshot: id, path });
    }
    for (const path of out) {
      if (path === 'a//b') continue;
      await refused('restore', { snapshot: id, paths: ['a.txt'], to: path, dryRun: false });
      await refused('snapshot', { folder: path });
      await refused('versions', { path });
    }
    for (const name of [
      '../outside',
      '/etc',
      id + '/..',
      `../project/${id}`,
      'project/..',
      '.phlb/partial',
      box.path('outside'),
      '\0',
    ]) {
      await refused('restore', { snapshot: name, paths: ['.'], dryRun: false });
      await refused('diff', { snapshot: name });
    }
    const uris = [
      ...[
        'phlb://',
        'phlb:///',
        'phlb://project',
        'phlb://project/',
        'phlb://../x/y',
        'phlb://.phlb/partial/x',
        'file:///etc/passwd',
      ],
      ...['/../../../outside/secret.txt', '/%2e%2e/%2e%2e/x', '/..%2f..', '//etc/passwd', '/a%00', '/%', '/%zz'].map(
        end => `phlb://${id}${end}`,
      ),
      `phlb://${'x'.repeat(100_000)}`,
    ];
    for (const uri of uris) assert.ok((await client.request('resources/read', { uri })).error, uri.slice(0, 80));
    assert.deepEqual(readdirSync(box.path('outside')), ['secret.txt']);
    assert.deepEqual(readdirSync(project), ['a.txt']);
    assert.equal(box.ids('--all').length, 1);
  });

  it('plants symlinks in the source: nothing behind them is read, stored or written', async () => {
    box.write({ 'project/sub/b.txt': 'b', 'project/real/c.txt': 'c' });
    const { id } = box.backup(project);
    const inner = box.backup(join(project, 'real'));
    for (const folder of ['sub', 'real']) box.run(['rm', '-r', join(project, folder)]);
    symlinkSync(box.path('outside'), join(project, 'sub'));
    // A source of its own, in whose place now stands a way out.
    symlinkSync(box.path('outside'), join(project, 'real'));
    symlinkSync(box.path('outside/secret.txt'), join(project, 'c.txt'));
    const client = await connect();
    const text = async (name: string, args: object): Promise<string> =>
      JSON.stringify((await client.call(name, args)).result);
    for (const folder of ['sub', 'real', 'sub/']) assert.match(await text('snapshot', { folder }), /"isError":true/);
    assert.match(await text('restore', { snapshot: inner.id, paths: ['.'], dryRun: false }), /"isError":true/);
    await text('restore', { snapshot: id, paths: ['sub'], dryRun: false });
    assert.doesNotMatch(await text('diff', { snapshot: id, path: 'sub/secret.txt' }), /secret"/);
    assert.match(
      await text('diff', { snapshot: id, path: 'c.txt' }),
      /outside\/secret\.txt/,
      'the link, not what it leads to',
    );
    await text('snapshot', {});
    for (const path of ['sub/secret.txt', 'real/secret.txt', 'c.txt/x']) {
      assert.ok((await client.request('resources/read', { uri: `phlb://project/latest/${path}` })).error, path);
    }
    assert.deepEqual(readdirSync(box.path('outside')), ['secret.txt']);
    assert.equal(box.run(['grep', '-rl', '^secret$', box.root]).stdout, '');
  });

  it('has files whose names are markup, lines and escape sequences: they are data', async () => {
    const names = ['[x](command:evil)', 'a\nb', '\x1b[31mred', 'left‮right', '<b>"\'`$(x)', '$(phlb purge)'];
    for (const name of names) writeFileSync(join(project, name), 'x');
    const strange = process.platform === 'linux';
    if (strange) writeFileSync(Buffer.concat([Buffer.from(`${project}/`), Buffer.from([0xff, 0xfe, 0x41])]), 'x');
    mkdirSync(join(project, 'none'));
    const agent = await Agent.start(box, { roots: [project] });
    try {
      const { snapshot } = await agent.ask('snapshot');
      const { matches } = await agent.ask<{ matches: { path: string; pathBase64?: string }[] }>('find', { glob: '*' });
      for (const name of names)
        assert.ok(
          matches.some(({ path }) => path === name),
          JSON.stringify(name),
        );
      if (strange)
        assert.ok(matches.some(({ pathBase64 }) => pathBase64 === Buffer.from([0xff, 0xfe, 0x41]).toString('base64')));
      for (const name of names) {
        writeFileSync(join(project, name), 'y\n');
        const { diff } = await agent.ask('diff', { snapshot, path: name });
        assert.doesNotMatch(String(diff), /[^\P{Cc}\n]|\p{Bidi_Control}/u);
        assert.equal(String(diff).split('\n').length, 7);
        await agent.ask('restore', { snapshot, paths: [name], dryRun: false });
        assert.equal(readFileSync(join(project, name), 'utf8'), 'x');
        await agent.refused('restore', { snapshot, paths: [`none/${name}`] });
      }
    } finally {
      await agent.close();
    }
  });

  it('calls without end: some wait, the rest is refused, and all is answered', async () => {
    const client = await connect();
    const ids = Array.from({ length: 300 }, () => client.begin('tools/call', { name: 'list', arguments: {} }));
    const texts = [];
    for (const id of ids) texts.push((await client.reply(id)).result?.content?.[0]?.text ?? '');
    assert.ok(texts.some(text => text.startsWith('Too many calls at once')));
    assert.ok(texts.filter(text => text.startsWith('{')).length >= 60);
    assert.ok((await client.call('list', {})).result?.isError === undefined);
  });
});
