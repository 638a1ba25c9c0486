import * as assert from 'node:assert/strict';
import type { Memento } from 'vscode';
import type { SnapshotInfo, SourceInfo } from '../../src/engine/words/model.js';
import { isLarge, isNoProject, LIMITS } from '../../src/host/backup/consent-facts.js';
import { ConsentMemory } from '../../src/host/auto-backup/consent-memory.js';
import { autoBackupState, consentOf, isUnanswered } from '../../src/host/auto-backup/state.js';
import { newestOfAll } from '../../src/host/catalog/newest-snapshots.js';

describe('The answer whether backups may run by themselves', () => {
  let stores: Map<string, string>;
  let everywhere: Memento;
  let workspace: Memento;
  const memory = (of = workspace): ConsentMemory => new ConsentMemory(everywhere, of, async root => stores.get(root));

  beforeEach(() => {
    stores = new Map();
    everywhere = memento();
    workspace = memento();
  });

  it('is asked for once, and outlives the founding of the store', async () => {
    await memory().remember('/backups', 'all');
    stores.set('/backups', 'a');
    await memory().confirm('/backups');
    assert.equal(memory().answer('/backups'), 'all');
  });

  it('holds for this workspace only, where that was said', async () => {
    await memory().remember('/backups', 'here');
    assert.equal(memory().answer('/backups'), 'here');
    assert.equal(memory(memento()).answer('/backups'), undefined);
  });

  it('is asked for again at another location, else data go where nobody has agreed to', async () => {
    await memory().remember('/backups', 'all');
    assert.equal(memory().answer('/elsewhere'), undefined);
    stores.set('/backups', 'a').set('/elsewhere', 'b');
    await memory().confirm('/backups');
    await memory().identify('/elsewhere');
    assert.equal(memory().answer('/elsewhere'), undefined);
  });

  it('goes with the store when that is found elsewhere', async () => {
    stores.set('/media/usb', 'a');
    await memory().confirm('/media/usb');
    await memory().remember('/media/usb', 'all');
    stores = new Map([['/media/usb1', 'a']]);
    await memory().identify('/media/usb1');
    assert.equal(memory().answer('/media/usb1'), 'all');
  });

  it('is not asked for again while the drive is unplugged or a wrong one is there', async () => {
    stores.set('/backups', 'a');
    await memory().identify('/backups');
    await memory().remember('/backups', 'all');
    for (const store of [undefined, 'wrong']) {
      stores = new Map(store === undefined ? [] : [['/backups', store]]);
      await memory().identify('/backups');
      assert.equal(memory().answer('/backups'), 'all');
    }
  });

  it('is asked for again when another store was founded in the old one’s place', async () => {
    await memory().remember('/backups', 'all');
    stores.set('/backups', 'a');
    await memory().confirm('/backups');
    stores.set('/backups', 'b');
    await memory().confirm('/backups');
    assert.equal(memory().answer('/backups'), undefined);
  });

  it('is the last one, else a "Never" is forgotten where it had been turned on', async () => {
    await memory().remember('/backups', 'here');
    await memory().remember('/backups', 'never');
    assert.equal(memory().answer('/backups'), 'never');
    await memory().remember('/backups', 'here');
    assert.equal(memory().answer('/backups'), 'here');
    assert.equal(memory(memento()).answer('/backups'), 'never');
  });

  it('is none as long as nobody has given it, whatever became of the question', () => {
    const facts = { answer: undefined, extraordinary: false, putOff: false };
    assert.equal(consentOf(facts), 'unanswered');
    assert.equal(consentOf({ ...facts, putOff: true }), 'declined');
    assert.equal(consentOf({ ...facts, answer: 'never' }), 'declined');
    assert.equal(consentOf({ ...facts, answer: 'all', putOff: true }), 'given');
    assert.equal(consentOf({ ...facts, answer: 'all', extraordinary: true }), 'unanswered');
    assert.equal(consentOf({ ...facts, answer: 'here', extraordinary: true }), 'given');
  });

  it('decides what auto-backup is called: nothing is "paused" or "on" that nobody has agreed to', () => {
    const facts = { mode: 'onSave', possible: true, consent: 'given', paused: false } as const;
    assert.equal(autoBackupState(facts), 'on');
    assert.equal(autoBackupState({ ...facts, paused: true }), 'paused');
    for (const consent of ['unanswered', 'declined'] as const) {
      for (const paused of [true, false]) assert.equal(autoBackupState({ ...facts, consent, paused }), 'off');
    }
    assert.equal(autoBackupState({ ...facts, mode: 'off' }), 'off');
    assert.equal(autoBackupState({ ...facts, possible: false }), 'off');
    assert.equal(autoBackupState({ ...facts, consent: 'unknown' }), 'unknown');
    assert.equal(isUnanswered({ ...facts, consent: 'unanswered' }), true);
    assert.equal(isUnanswered({ ...facts, consent: 'unanswered', mode: 'off' }), false);
    assert.equal(isUnanswered({ ...facts, consent: 'unanswered', possible: false }), false);
    for (const consent of ['unknown', 'given', 'declined'] as const) {
      assert.equal(isUnanswered({ ...facts, consent }), false, consent);
    }
  });

  it('needs a yes of its own for what is large or no project', () => {
    const size = { files: 10, bytes: 10, more: false };
    assert.equal(isLarge(size), false);
    assert.equal(isLarge({ ...size, files: LIMITS.files + 1 }), true);
    assert.equal(isLarge({ ...size, bytes: LIMITS.bytes + 1 }), true);
    assert.equal(isLarge({ ...size, more: true }), true);
    for (const folder of ['/', 'C:\\', 'd:', '/home/anna', '/home/anna/']) {
      assert.equal(isNoProject(folder, '/home/anna'), true, folder);
    }
    assert.equal(isNoProject('/home/anna/work', '/home/anna'), false);
  });
});

describe('The last backup of the open folders, by whomever', () => {
  const at = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
  const source = (path: string, ...snapshots: Partial<SnapshotInfo>[]): SourceInfo => ({
    name: path.slice(1),
    source: path,
    local: true,
    snapshots: snapshots as SnapshotInfo[],
  });

  it('is the newest snapshot, else the command line’s backups count for nothing', () => {
    const sources = [source('/a', { kind: 'snapshot', startedAt: at(1) }, { kind: 'snapshot', startedAt: at(2) })];
    assert.equal(newestOfAll(sources, ['/a'])?.toISOString(), at(2));
  });

  it('is no safety snapshot, else a restore passes for a backup', () => {
    const sources = [source('/a', { kind: 'snapshot', startedAt: at(1) }, { kind: 'safety', startedAt: at(2) })];
    assert.equal(newestOfAll(sources, ['/a'])?.toISOString(), at(1));
  });

  it('is the oldest of several folders, and none while one has none', () => {
    const a = source('/a', { kind: 'snapshot', startedAt: at(1) });
    const b = source('/b', { kind: 'snapshot', startedAt: at(2) });
    assert.equal(newestOfAll([a, b], ['/a', '/b'])?.toISOString(), at(1));
    assert.equal(newestOfAll([a, { ...b, local: false }], ['/a', '/b']), undefined);
    assert.equal(newestOfAll([a, b], ['/a', '/c']), undefined);
  });
});

function memento(): Memento {
  const memory = new Map<string, unknown>();
  return {
    keys: () => [...memory.keys()],
    get: <T>(key: string): T | undefined => memory.get(key) as T | undefined,
    update: async (key: string, value: unknown) => void memory.set(key, value),
  };
}
