import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { AGENT_IDS, type AgentId } from '../../src/setup/agent-id.js';
import type { ConfigFile, Place } from '../../src/setup/agent.js';
import { AGENTS } from '../../src/setup/agents.js';
import { diffLines } from '../../src/setup/diff-lines.js';
import { hookLine, type Invocation } from '../../src/setup/invocation.js';
import { withJsonEntries, withoutJsonEntries } from '../../src/setup/json-file.js';
import { carryOut, planSetup } from '../../src/setup/plan.js';
import { withoutTomlTable, withTomlTable } from '../../src/setup/toml-file.js';
import { removeTree } from '../support/trees.js';

const runs = Number(process.env['PHLB_TEST_RUNS'] ?? 150);
const phlb: Invocation = { program: ['/opt/node', '/opt/phlb/cli.js'], options: ['--root', '/mnt/backups'] };
const other: Invocation = { program: ['/usr/bin/phlb'], options: [] };
const somewhere: Place = { scope: 'user', home: '/home/u', folder: '/p', env: {}, platform: 'linux' };

const files = (id: AgentId, how: Invocation = phlb): ConfigFile[] => AGENTS[id].files(somewhere, how);
const put = (text: string | null, file: ConfigFile, id: AgentId): string =>
  file.format === 'json' ? withJsonEntries(text, file, id) : withTomlTable(text, file);
const taken = (text: string, file: ConfigFile, id: AgentId): string | null =>
  file.format === 'json' ? withoutJsonEntries(text, file, id) : withoutTomlTable(text, file);
const all = AGENT_IDS.flatMap(id => files(id).map((file, at) => ({ id, file, at })));

/** JSON as people write it: with comments, any blanks, and commas at the end. */
const blank = fc.constantFrom(
  '',
  '',
  ' ',
  '\n',
  '\n  ',
  '\r\n\t',
  ' // a note\n  ',
  ' /* one */ ',
  '\n  // two\n  // lines\n',
);
const scalar = fc.constantFrom('1', 'true', 'null', '"text"', '"// no comment"', '"a, b"', '"]"', '"\\"}"', '"ü\\n"');
const { json } = fc.letrec<{ json: string; list: string; object: string }>(tie => ({
  json: fc.oneof({ maxDepth: 3 }, scalar, tie('list'), tie('object')),
  list: container('[', ']', fc.array(fc.tuple(blank, tie('json')), { maxLength: 3 })),
  object: container(
    '{',
    '}',
    fc
      .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), blank, tie('json')), {
        maxLength: 3,
        selector: ([name]) => name,
      })
      .map(all => all.map(([name, space, value]): [string, string] => [space, `"${name}":${value}`])),
  ),
}));

function container(open: string, close: string, items: fc.Arbitrary<[string, string][]>): fc.Arbitrary<string> {
  return fc.tuple(items, blank, blank, fc.boolean()).map(([parts, gap, last, trails]) => {
    const inside = parts.map(([space, text]) => space + text).join(`${gap},`);
    return open + inside + (trails && parts.length > 0 ? `${gap},` : '') + last + close;
  });
}

/** A file that has some of the containers already, empty or with what is somebody else's. */
const hooks = fc.constantFrom(
  'PreToolUse',
  'preToolUse',
  'Stop',
  'stop',
  'UserPromptSubmit',
  'beforeSubmitPrompt',
  'Other',
);
const ofHooks = container(
  '{',
  '}',
  fc
    .uniqueArray(fc.tuple(hooks, blank, container('[', ']', fc.array(fc.tuple(blank, json), { maxLength: 2 }))), {
      maxLength: 3,
      selector: ([name]) => name,
    })
    .map(events => events.map(([name, space, value]): [string, string] => [space, `"${name}": ${value}`])),
);
const settings = container(
  '{',
  '}',
  fc
    .record({
      version: fc.boolean(),
      a: fc.option(json),
      hooks: fc.option(ofHooks),
      servers: fc.option(
        container(
          '{',
          '}',
          fc.array(
            fc.tuple(
              blank,
              json.map(v => `"x":${v}`),
            ),
            { maxLength: 1 },
          ),
        ),
      ),
      space: blank,
    })
    .map(({ version, a, hooks: h, servers, space }) => {
      const parts: [string, string][] = [];
      if (version) parts.push([space, '"version":1']);
      if (a !== null) parts.push([space, `"a":${a}`]);
      if (h !== null) parts.push([space, `"hooks":${h}`]);
      if (servers !== null) parts.push([space, `"mcpServers": ${servers}`]);
      return parts;
    }),
);
const jsonFile = fc
  .tuple(blank, settings, fc.constantFrom('', '\n', '\r\n', '\n// end\n'))
  .map(([before, object, after]) => before + object + after);

const tomlFile = fc
  .tuple(
    fc.array(
      fc.constantFrom(
        '# a comment',
        'model = "o" # mine',
        '',
        '[tools]\nweb = true',
        '[mcp_servers.other]\ncommand = "x"\nargs = [\n  "[mcp_servers.phlb]",\n]',
        '[[list]]\nx = 1',
        '[text]\nt = """\n[mcp_servers.phlb]\ncommand = "no"\n"""',
      ),
      { maxLength: 4 },
    ),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
  )
  .map(
    ([parts, eol, ends]) =>
      [...new Set(parts)].join('\n').replaceAll('\n', eol) + (ends && parts.length > 0 ? eol : ''),
  )
  .filter(isToml);

function isToml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('Setting an agent up and taking that back', () => {
  for (const { id, file, at } of all) {
    it(`gives back each byte of a file of ${AGENTS[id].name} (${file.format} ${at}), else somebody's settings are lost`, () => {
      const text = file.format === 'json' ? jsonFile : tomlFile;
      fc.assert(
        fc.property(text, before => {
          const after = put(before, file, id);
          assert.equal(put(after, file, id), after, 'twice is the same as once');
          assert.equal(taken(after, file, id), before);
        }),
        { seed: 20160107, numRuns: runs },
      );
    });
  }

  it('puts in what the agent documents, and nothing else is changed', () => {
    const before =
      '{\n  // mine\n  "model": "opus",\n  "hooks": {\n    "Stop": [{ "hooks": [{ "type": "command", "command": "say done" }] }]\n  }\n}\n';
    const [file] = files('claude');
    assert.ok(file);
    const after = put(before, file, 'claude');
    const line = '/opt/node /opt/phlb/cli.js --root /mnt/backups agent hook claude';
    const { hooks: events, model } = JSON.parse(after.replace('// mine', '')) as {
      model: string;
      hooks: Record<string, { matcher?: string; hooks: object[] }[]>;
    };
    assert.equal(model, 'opus');
    assert.deepEqual(Object.keys(events), [
      'Stop',
      'UserPromptSubmit',
      'PreToolUse',
      'PostToolUse',
      'PostToolUseFailure',
    ]);
    assert.deepEqual(
      events['Stop']?.map(group => group.hooks),
      [[{ type: 'command', command: 'say done' }], [{ type: 'command', command: line, timeout: 60 }]],
    );
    assert.match(events['PreToolUse']?.[0]?.matcher ?? '', /Edit/);
    assert.ok(diffLines(before, after).every(text => !text.startsWith('-') || /"Stop"|^- {2}\}$/.test(text)));
  });

  it('replaces the entries of a PHLB that was elsewhere, where they stand', () => {
    for (const { id, at } of all) {
      const [old, now] = [files(id, other)[at], files(id)[at]];
      assert.ok(old && now);
      const first = old.format === 'json' ? '{\n\t"a": 1\n}\n' : 'a = 1\n';
      const replaced = put(put(first, old, id), now, id);
      assert.equal(replaced, put(first, now, id));
      assert.equal(taken(replaced, now, id), first);
    }
  });

  it('keeps what somebody has added to the entries', () => {
    const [hook, server] = files('codex', other);
    const [newHook, newServer] = files('codex');
    assert.ok(hook?.format === 'json' && server?.format === 'toml' && newHook && newServer);
    const toml = put('', server, 'codex').replace('args', 'startup_timeout_sec = 30 # slow disk\nargs');
    const changed = put(toml, newServer, 'codex');
    assert.match(changed, /startup_timeout_sec = 30 # slow disk\n/);
    assert.deepEqual(JSON.parse(JSON.stringify(parse(changed)['mcp_servers'])), {
      phlb: {
        command: '/opt/node',
        args: ['/opt/phlb/cli.js', '--root', '/mnt/backups', 'mcp'],
        startup_timeout_sec: 30,
      },
    });
    const shared = JSON.parse(put(null, hook, 'codex')) as { hooks: { Stop: { hooks: object[] }[] } };
    shared.hooks.Stop[0]?.hooks.push({ type: 'command', command: 'say done' });
    const rest = taken(JSON.stringify(shared, undefined, 2), newHook, 'codex') ?? '';
    assert.deepEqual(JSON.parse(rest), { hooks: { Stop: [{ hooks: [{ type: 'command', command: 'say done' }] }] } });
  });

  it('finds a table of TOML however it is written, or says what to do by hand', () => {
    const file = files('codex').find(({ format }) => format === 'toml');
    assert.ok(file?.format === 'toml');
    for (const before of [
      'mcp_servers.other.command = "x"\n',
      '[mcp_servers]\nother = { command = "x" }\n',
      '[mcp_servers."other"]\ncommand = "x"',
    ]) {
      const after = put(before, file, 'codex');
      assert.equal(taken(after, file, 'codex'), before);
      assert.equal((parse(after)['mcp_servers'] as { phlb: { command: string } }).phlb.command, '/opt/node');
    }
    for (const before of [
      'mcp_servers = { other = { command = "x" } }\n',
      '[mcp_servers]\nphlb = { command = "old" }\n',
      'mcp_servers.phlb.command = "old"\n',
    ]) {
      assert.throws(() => put(before, file, 'codex'), /by hand|not TOML/);
    }
    const quoted = '[ mcp_servers . "phlb" ] # mine\ncommand = "old"\n\n[mcp_servers.phlb.env]\nA = "b"\n';
    assert.match(put(quoted, file, 'codex'), /^\[ mcp_servers \. "phlb" \] # mine\ncommand = "\/opt\/node"\n/);
    assert.equal(taken(quoted, file, 'codex'), null);
  });

  it('refuses what it does not understand, in one line', () => {
    const [hook] = files('claude');
    const toml = files('codex').find(({ format }) => format === 'toml');
    assert.ok(hook && toml);
    const nested = '{"a":'.repeat(5000);
    for (const text of [
      '[]',
      '{"a": }',
      '{"hooks": []}',
      '{"hooks": {"Stop": {}}}',
      '{"hooks": {}, "hooks": {}}',
      '7',
      nested,
    ]) {
      assert.throws(() => put(text, hook, 'claude'), { name: 'PhlbError', code: 'damaged' }, text.slice(0, 40));
    }
    for (const text of ['a = ', '[x]\n[x]\n', 'a = [[[[']) {
      assert.throws(() => put(text, toml, 'codex'), { name: 'PhlbError', code: 'damaged' });
    }
    const depth = `a = ${'['.repeat(100_000)}`;
    assert.throws(() => put(depth, toml, 'codex'), { name: 'PhlbError', code: 'damaged' });
  });
});

describe('The files of an agent', () => {
  let home: string;
  let place: Place;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'phlb-agents-'));
    place = { ...somewhere, home, folder: join(home, 'project') };
  });
  afterEach(() => removeTree(home));
  const write = (path: string, text: string | Buffer): string => {
    const full = join(home, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    return full;
  };

  it('that were made for PHLB go with it; a folder that was there stays', async () => {
    for (const scope of ['user', 'project'] as const) {
      for (const agent of Object.values(AGENTS)) {
        const here = { ...place, scope };
        await carryOut(await planSetup(agent, here, phlb, false));
        const again = await planSetup(agent, here, other, false);
        assert.notEqual(again.changes.length, 0);
        await carryOut(again);
        assert.deepEqual((await planSetup(agent, here, other, false)).changes, []);
        await carryOut(await planSetup(agent, here, phlb, true));
      }
    }
    const left = readdirSync(home, { recursive: true, withFileTypes: true }).filter(entry => !entry.isDirectory());
    assert.deepEqual(left, []);
  });

  it('are written through a link, with their permissions and their byte order mark', async () => {
    const target = write('dotfiles/claude.json', '\uFEFF{\r\n  "model": "opus" // best\r\n}\r\n');
    const before = readFileSync(target);
    chmodSync(target, 0o640);
    mkdirSync(join(home, '.claude'));
    const link = join(home, '.claude', 'settings.json');
    symlinkSync('../dotfiles/claude.json', link);
    await carryOut(await planSetup(AGENTS.claude, place, phlb, false));
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(statSync(target).mode & 0o777, 0o640);
    const text = readFileSync(target, 'utf8');
    assert.ok(text.startsWith('\uFEFF{') && text.includes('agent hook claude'));
    assert.doesNotMatch(text, /[^\r]\n/);
    assert.deepEqual(readdirSync(dirname(target)), ['claude.json']);
    await carryOut(await planSetup(AGENTS.claude, place, phlb, true));
    assert.deepEqual(readFileSync(target), before);
  });

  it('that only the agent makes are not made', async () => {
    const plan = await planSetup(AGENTS.claude, place, phlb, false);
    assert.deepEqual(plan.missing, [join(home, '.claude.json')]);
    write('.claude.json', '{"numStartups":3}');
    await carryOut(await planSetup(AGENTS.claude, place, phlb, false));
    assert.match(readFileSync(join(home, '.claude.json'), 'utf8'), /"numStartups":3,\n {2}"mcpServers"/);
  });

  it('are refused when they are no files, too large, no text, or links into nowhere', async () => {
    const file = join(home, '.cursor', 'hooks.json');
    const refused = (pattern: RegExp): Promise<void> =>
      assert.rejects(planSetup(AGENTS.cursor, place, phlb, false), { name: 'PhlbError', path: file, message: pattern });
    write('.cursor/hooks.json', ' '.repeat(1024 * 1024 + 1));
    await refused(/too large/);
    write('.cursor/hooks.json', Buffer.from([0x7b, 0xff, 0x7d]));
    await refused(/UTF-8/);
    write('.cursor/hooks.json', '{"version": 1,, }');
    await refused(/not JSON \(line 1\)/);
    removeTree(join(home, '.cursor'));
    mkdirSync(file, { recursive: true });
    await refused(/no regular file|EISDIR/);
    removeTree(join(home, '.cursor'));
    mkdirSync(dirname(file));
    symlinkSync('/nowhere/at/all', file);
    await refused(/leads nowhere/);
    symlinkSync('/dev/null', join(home, '.cursor', 'x'));
    removeTree(join(home, '.cursor'));
    mkdirSync(dirname(file));
    symlinkSync('/dev/null', file);
    await refused(/no regular file/);
  });

  it('that changed since they were shown are left alone, and so is what was written before them', async () => {
    write('.cursor/hooks.json', '{}');
    const servers = write('.cursor/mcp.json', '{}');
    const plan = await planSetup(AGENTS.cursor, place, phlb, false);
    writeFileSync(servers, '{"mcpServers": {}}');
    await assert.rejects(carryOut(plan), { name: 'PhlbError', path: servers, message: /changed meanwhile/ });
    assert.equal(readFileSync(join(home, '.cursor', 'hooks.json'), 'utf8'), '{}');
    assert.equal(readFileSync(servers, 'utf8'), '{"mcpServers": {}}');
    assert.ok(!existsSync(join(home, '.cursor', 'x')));
  });

  it('are where the agent was told to keep them', () => {
    const env = { CLAUDE_CONFIG_DIR: '/c', CODEX_HOME: '/x', COPILOT_HOME: '/g' };
    const paths = AGENT_IDS.flatMap(id => AGENTS[id].files({ ...place, env }, phlb).map(({ path }) => path));
    assert.deepEqual(
      paths.filter(path => !path.startsWith(home)),
      [
        '/c/settings.json',
        '/c/.claude.json',
        '/x/hooks.json',
        '/x/config.toml',
        '/g/hooks/phlb.json',
        '/g/mcp-config.json',
      ],
    );
  });
});

describe('The line of a hook', () => {
  it('is quoted for the shell that the agent starts', () => {
    const program = ["/home/o'neil/my tools/phlb"];
    assert.equal(
      hookLine({ program, options: [] }, 'codex', 'posix'),
      "'/home/o'\\''neil/my tools/phlb' agent hook codex",
    );
    const windows = { program: ['C:\\Users\\Ann Lee\\bin\\phlb.cmd'], options: ['--root', 'D:\\b'] };
    assert.equal(hookLine(windows, 'claude', 'posix'), "'C:/Users/Ann Lee/bin/phlb.cmd' --root D:/b agent hook claude");
    assert.equal(
      hookLine(windows, 'codex', 'cmd'),
      '"C:\\Users\\Ann Lee\\bin\\phlb.cmd" --root D:\\b agent hook codex',
    );
    assert.equal(
      hookLine(windows, 'cursor', 'powershell'),
      "& 'C:\\Users\\Ann Lee\\bin\\phlb.cmd' --root D:\\b agent hook cursor",
    );
  });
});
