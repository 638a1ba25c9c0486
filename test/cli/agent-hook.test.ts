import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AGENT_IDS, type AgentId } from '../../src/setup/agent-id.js';
import { AGENTS } from '../../src/setup/agents.js';
import { readEvent } from '../../src/setup/hook-event.js';
import { turnId } from '../../src/setup/turn-id.js';
import { CLI, Sandbox, type Ended } from '../support/sandbox.js';

const SESSION = '0198a7c2-51d0-7e60-8f0a-3c1e5b7d9f11';

/** As the agents document them, for a folder. */
const EVENTS: Record<AgentId, (cwd: string) => object[]> = {
  claude: cwd => {
    const common = {
      session_id: SESSION,
      transcript_path: '/t.jsonl',
      cwd,
      permission_mode: 'default',
      prompt_id: 'p-1',
    };
    return [
      { ...common, hook_event_name: 'UserPromptSubmit', prompt: 'make it blue' },
      { ...common, hook_event_name: 'PreToolUse', tool_name: 'Edit', tool_input: { file_path: 'a' }, tool_use_id: 't' },
      {
        ...common,
        hook_event_name: 'PostToolUse',
        tool_name: 'Edit',
        tool_input: {},
        tool_response: {},
        tool_use_id: 't',
      },
      { ...common, hook_event_name: 'Stop', stop_hook_active: false },
    ];
  },
  codex: cwd => {
    const common = {
      session_id: SESSION,
      turn_id: '7',
      transcript_path: null,
      cwd,
      model: 'o',
      permission_mode: 'default',
    };
    return [
      { ...common, hook_event_name: 'UserPromptSubmit', prompt: 'make it blue' },
      { ...common, hook_event_name: 'PreToolUse', tool_name: 'apply_patch', tool_input: {}, tool_use_id: 't' },
      { ...common, hook_event_name: 'Stop', stop_hook_active: false, last_assistant_message: null },
    ];
  },
  cursor: cwd => {
    const common = {
      ...{ conversation_id: SESSION, generation_id: 'g-1', model: 'm', cursor_version: '2.4.0', user_email: null },
      ...{ workspace_roots: [cwd], transcript_path: null },
    };
    return [
      { ...common, hook_event_name: 'beforeSubmitPrompt', prompt: 'make it blue', attachments: [] },
      { ...common, hook_event_name: 'postToolUse', tool_name: 'Write', tool_input: {}, tool_output: '{}', cwd },
      { ...common, hook_event_name: 'stop', status: 'completed', loop_count: 0 },
    ];
  },
  copilot: cwd => [
    {
      hook_event_name: 'UserPromptSubmit',
      session_id: SESSION,
      timestamp: '2026-11-29T14:00:00Z',
      cwd,
      prompt: 'blue',
    },
    // VS Code spells it so.
    {
      hookEventName: 'PreToolUse',
      sessionId: SESSION,
      timestamp: '2026-11-29T14:00:00Z',
      cwd,
      tool_name: 'create_file',
    },
    { hook_event_name: 'Stop', session_id: SESSION, timestamp: '2026-11-29T14:00:00Z', cwd, stop_reason: 'end_turn' },
  ],
};

const TURNS = { claude: 'claude-p-1', codex: 'codex-7', cursor: 'cursor-g-1', copilot: 'copilot-0198a7c2-51d0-1' };

interface Listed {
  sources: { snapshots: { cause: string; turns: { id: string; part: string }[] }[] }[];
}

describe('phlb agent hook', () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
    box.write({ 'project/.git/HEAD': 'ref: refs/heads/main\n', 'project/src/a.txt': 'red' });
  });
  afterEach(() => box.dispose());
  const hook = (agent: string, event: object | string, env: NodeJS.ProcessEnv = {}): Ended =>
    box.phlbGiven({ text: typeof event === 'string' ? event : JSON.stringify(event) }, env, 'agent', 'hook', agent);
  const taken = (): string[] => box.ids('--all');
  const nothingTaken = (): void => assert.equal(box.phlb('list').status, 1, 'there is no store');

  for (const agent of AGENT_IDS) {
    it(`takes a snapshot before and after what ${agent} does, as it documents its events`, () => {
      const answers = EVENTS[agent](box.path('project', 'src')).map((event, at) => {
        writeFileSync(box.path('project', 'src', 'a.txt'), `colour ${at}`);
        const { status, stdout, stderr } = hook(agent, event);
        assert.deepEqual([status, stderr], [0, ''], JSON.stringify(event));
        return stdout;
      });
      const { sources } = box.json<Listed>(0, 'list');
      const snapshots = sources.flatMap(source => source.snapshots);
      assert.equal(snapshots.length, answers.length);
      assert.deepEqual(
        snapshots.map(({ cause }) => cause),
        answers.map(() => AGENTS[agent].name),
      );
      const parts = { claude: ['before', 'before', 'after', 'after'], cursor: ['before', 'after', 'after'] };
      assert.deepEqual(
        snapshots.flatMap(({ turns }) => turns.map(({ id, part }) => [id, part])),
        (agent === 'claude' || agent === 'cursor' ? parts[agent] : ['before', 'before', 'after']).map(part => [
          TURNS[agent],
          part,
        ]),
      );
      assert.ok(
        taken().every(id => id.startsWith('project/')),
        'of the work tree, not of the folder below',
      );
      const expected = agent === 'cursor' ? ['{"continue":true}\n', '{}\n', '{}\n'] : answers.map(() => '');
      assert.deepEqual(answers, expected);
    });
  }

  it("lets exactly an agent's turn be undone, not what somebody changed meanwhile", () => {
    const [prompt, before, after] = EVENTS.claude(box.path('project')) as [object, object, object];
    const [mine, theirs] = [box.path('project', 'mine.txt'), box.path('project', 'src', 'a.txt')];
    hook('claude', prompt);
    writeFileSync(mine, 'by a person');
    hook('claude', before);
    writeFileSync(theirs, 'by the agent');
    hook('claude', after);
    const undone = box.phlb('undo', '--turn', 'claude-p-1');
    assert.equal(undone.status, 0, undone.stderr);
    assert.deepEqual([readFileSync(mine, 'utf8'), readFileSync(theirs, 'utf8')], ['by a person', 'red']);
  });

  it('counts the turns of a session by its prompts, where the agent does not name them', () => {
    const [prompt, , stop] = EVENTS.copilot(box.path('project')) as [object, object, object];
    for (const [at, event] of [prompt, stop, prompt, stop].entries()) {
      writeFileSync(box.path('project', 'src', 'a.txt'), `${at}`);
      assert.equal(hook('copilot', event).status, 0);
    }
    const { sources } = box.json<Listed>(0, 'list');
    const ids = sources.flatMap(({ snapshots }) =>
      snapshots.flatMap(({ turns }) => turns.map(({ id }) => id.slice(-2))),
    );
    assert.deepEqual(ids, ['-1', '-1', '-2', '-2']);
  });

  it('takes none where nothing has changed, or where a tool only looks', () => {
    const [prompt] = EVENTS.claude(box.path('project'));
    assert.equal(hook('claude', prompt ?? {}).status, 0);
    assert.equal(hook('claude', prompt ?? {}).status, 0);
    assert.equal(taken().length, 1);
    writeFileSync(box.path('project', 'b.txt'), 'new');
    for (const event of [
      { ...prompt, hook_event_name: 'PreToolUse', tool_name: 'Read' },
      { ...prompt, hook_event_name: 'Notification' },
      { ...prompt, hook_event_name: 'toString' },
      { ...prompt, hook_event_name: 7 },
    ]) {
      assert.deepEqual(hook('claude', event), { status: 0, stdout: '', stderr: '' });
    }
    assert.equal(taken().length, 1);
  });

  it('goes on with the history that is there: the innermost source around the folder', () => {
    box.write({ 'all/one/x.txt': '1', 'all/two/y.txt': '2' });
    box.backup('all');
    box.backup('all/one');
    const event = EVENTS.codex(box.path('all', 'one'))[0] ?? {};
    box.write({ 'all/one/x.txt': 'changed', 'all/two/y.txt': 'changed' });
    assert.equal(hook('codex', event).status, 0);
    assert.equal(hook('codex', { ...event, cwd: box.path('all', 'two') }).status, 0);
    assert.deepEqual(
      taken().map(id => id.split('/')[0]),
      ['all', 'all', 'one', 'one'],
    );
  });

  it('takes the folder that Claude Code was started in, wherever it has gone since', () => {
    box.write({ 'elsewhere/x.txt': '1' });
    const event = EVENTS.claude(box.path('elsewhere'))[0] ?? {};
    assert.equal(hook('claude', event, { CLAUDE_PROJECT_DIR: box.path('project') }).status, 0);
    assert.deepEqual(
      taken().map(id => id.split('/')[0]),
      ['project'],
    );
  });

  it('backs up each folder of a window of Cursor', () => {
    box.write({ 'second/x.txt': '1' });
    const event = { ...EVENTS.cursor('')[0], workspace_roots: [box.path('project'), box.path('second'), 7] };
    assert.equal(hook('cursor', event).status, 0);
    assert.deepEqual(
      taken().map(id => id.split('/')[0]),
      ['project', 'second'],
    );
  });

  it('never backs up the home folder, a drive, or what the backups are in, and says so', () => {
    box.write({ 'home/notes.txt': 'private' });
    symlinkSync(box.home, box.path('link'));
    mkdirSync(box.root);
    for (const [cwd, why] of [
      ['/', 'it is the top of a drive'],
      [box.home, 'it is the home folder'],
      [box.path('link'), 'it is the home folder'],
      [box.dir, 'it holds the backup location'],
      [box.root, 'it is in the backup location'],
      [box.path('gone'), 'there is no such folder'],
      ['project', 'it is not an absolute path'],
      ['', undefined],
      ['/tmp\0/x', 'it is not an absolute path'],
      [box.path('project', 'src', 'a.txt'), 'there is no such folder'],
    ] as const) {
      const { status, stderr } = hook('codex', { ...EVENTS.codex(cwd)[0] });
      assert.equal(status, 0, stderr);
      if (why === undefined) assert.equal(stderr, '');
      else assert.match(stderr, new RegExp(`^phlb: No snapshot: ${why}: [^\\n]*\\n$`));
      nothingTaken();
    }
  });

  it('nor what holds the home folder, where the backups are elsewhere', () => {
    const root = mkdtempSync(join(tmpdir(), 'phlb-test-elsewhere-'));
    mkdirSync(box.path('.git'));
    symlinkSync(box.dir, box.path('up'));
    for (const cwd of [box.dir, box.path('up'), box.path('up', 'home')]) {
      const { status, stderr } = hook('codex', { ...EVENTS.codex(cwd)[0] }, { PHLB_ROOT: root });
      assert.equal(status, 0, stderr);
      assert.match(stderr, /^phlb: No snapshot: it (is|holds) the home folder: [^\n]*\n$/);
      assert.deepEqual(readdirSync(root), []);
    }
    rmSync(root, { recursive: true });
  });

  it('never ends with 2, which agents take for "block this", and says in one line what is wrong', () => {
    const hostile: (string | object)[] = [
      '',
      'no JSON',
      '[]',
      'null',
      '{"hook_event_name": "PreToolUse"',
      '['.repeat(200_000),
      { hook_event_name: ['PreToolUse'], session_id: { a: 1 }, cwd: 7, workspace_roots: 'x' },
      { hook_event_name: 'UserPromptSubmit', session_id: null, cwd: null, workspace_roots: [null, {}, ['/']] },
      { __proto__: 1, hook_event_name: '__proto__', cwd: box.path('project') },
    ];
    for (const agent of AGENT_IDS) {
      for (const event of hostile) {
        const { status, stdout, stderr } = hook(agent, event);
        assert.ok(status === 0 || (status === 1 && agent !== 'copilot'), `${agent}: ${status}`);
        assert.ok(agent === 'cursor' ? typeof JSON.parse(stdout) === 'object' : stdout === '');
        assert.ok(stderr === '' || /^phlb: [^\n]+\n$/.test(stderr), stderr);
      }
    }
    const wrong = [
      ['agent', 'hook'],
      ['agent', 'hook', 'emacs'],
      ['agent', 'hook', 'claude', 'x'],
      ['agent', 'hook', 'claude', '--nonsense'],
      ['agent', 'hook', 'claude', '--root', ''],
    ];
    for (const args of wrong) assert.equal(box.phlbGiven({ text: '{}' }, {}, ...args).status, 1, args.join(' '));
    nothingTaken();
  });

  it('fails softly where the backups cannot be written, and before a tool not even that for Claude Code', () => {
    writeFileSync(box.root, 'a file');
    const [prompt, before, after] = EVENTS.claude(box.path('project'));
    assert.deepEqual(
      [prompt, before, after].map(event => hook('claude', event ?? {}).status),
      [1, 0, 1],
    );
    const copilot = hook('copilot', EVENTS.copilot(box.path('project'))[0] ?? {});
    assert.equal(copilot.status, 0);
    assert.match(copilot.stderr, /^phlb: [^\n]+\n$/);
  });

  it('reads a large prompt, and no end of one', () => {
    const [event] = EVENTS.codex(box.path('project'));
    assert.equal(hook('codex', { ...event, prompt: 'x'.repeat(3_000_000) }).status, 0);
    assert.equal(taken().length, 1);
    const endless = hook('codex', { ...event, prompt: 'x'.repeat(17_000_000) });
    assert.equal(endless.status, 1);
    assert.equal(endless.stderr, 'phlb: The event on stdin is too large\n');
  });

  it('keeps nothing of what was asked, since prompts hold secrets', () => {
    const [event] = EVENTS.claude(box.path('project'));
    hook('claude', { ...event, prompt: 'the password is swordfish' });
    const found = box.run(['grep', '-rlz', 'swordfish', box.root, box.state]);
    assert.deepEqual([found.status, found.stdout], [1, '']);
  });

  it('does not wait for the end of what it is written, which some agents never send', async () => {
    const child = spawn(process.execPath, [CLI, 'agent', 'hook', 'claude'], { cwd: box.dir, env: box.env });
    child.stdin.write(JSON.stringify(EVENTS.claude(box.path('project'))[0]));
    const status = await new Promise<number | null>(resolve => child.once('close', resolve));
    assert.equal(status, 0);
    assert.equal(taken().length, 1);
  });

  it('says what it is for to somebody at a terminal', () => {
    const { status, stderr } = box.phlbGiven({ text: '', terminal: true }, {}, 'agent', 'hook', 'codex');
    assert.equal(status, 1);
    assert.match(stderr, /An agent calls this.*phlb agent setup codex/);
  });
});

describe("An agent's turn", () => {
  const event = (fields: object): ReturnType<typeof readEvent> =>
    readEvent('copilot', JSON.stringify({ hook_event_name: 'UserPromptSubmit', ...fields }));

  it('has the ID that the agent gives it', () => {
    assert.equal(turnId(readEvent('codex', JSON.stringify({ turn_id: '7', session_id: SESSION })), []), 'codex-7');
    assert.equal(
      turnId(readEvent('claude', JSON.stringify({ prompt_id: 'p-1', cursor_version: '2' })), []),
      'cursor-p-1',
    );
    assert.equal(turnId(event({}), []), undefined);
  });

  it('is counted by its prompts where there is only a session', () => {
    const prefix = 'copilot-0198a7c2-51d0';
    assert.equal(turnId(event({ session_id: SESSION }), []), `${prefix}-1`);
    const known = [
      `${prefix}-1`,
      `${prefix}-10`,
      `${prefix}-9`,
      `${prefix}-x`,
      `${prefix}-99999999999`,
      'copilot-other-50',
    ];
    assert.equal(turnId(event({ session_id: SESSION }), known), `${prefix}-11`);
    assert.equal(turnId(event({ session_id: SESSION, hook_event_name: 'Stop' }), known), `${prefix}-10`);
  });

  it('has a short and plain ID, whatever the agent says', () => {
    for (const id of ['../../etc', 'a\nb', 'x'.repeat(500), 'ü', '\u202e', ' ', '$(rm -rf /)']) {
      for (const name of ['turn_id', 'session_id']) {
        assert.match(turnId(event({ [name]: id }), []) ?? '', /^copilot-[A-Za-z0-9._-]{1,64}(-1)?$/);
      }
    }
    assert.notEqual(turnId(event({ turn_id: 'a b' }), []), turnId(event({ turn_id: 'a  b' }), []));
  });
});
