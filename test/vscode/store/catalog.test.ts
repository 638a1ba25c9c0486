import * as assert from 'node:assert/strict';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { SCHEME } from '../../../src/contributions.js';
import type { ListResult } from '../../../src/engine/words/model.js';
import { PhlbError } from '../../../src/engine/words/errors.js';
import { Catalog } from '../../../src/host/catalog/catalog.js';
import { Configuration } from '../../../src/host/editor/configuration.js';
import { encodeKey } from '../../../src/host/catalog/snapshot-address.js';
import type { EngineClient } from '../../../src/worker/client.js';
import { scratchFolder } from '../workspace.js';

const SLOW_MS = 5000;
/** far more than a person's doings ask for */
const MANY = 25;

describe('The list of snapshots, at a location that takes five seconds to list', () => {
  let scratch: ReturnType<typeof scratchFolder>;
  let catalog: Catalog;
  let lists: number;
  let tooMany: Promise<void>;
  let tellTooMany: () => void;
  let answer: () => ListResult;
  let now: number;
  const gone = vscode.Uri.from({
    scheme: SCHEME,
    authority: encodeKey({ storeId: 'ab', snapshotId: 'documents/2020-01-01-000000' }),
    path: '/documents/report.md',
  });

  beforeEach(() => {
    scratch = scratchFolder();
    lists = 0;
    tooMany = new Promise(resolve => (tellTooMany = resolve));
    now = 0;
    answer = () => ({ storeId: 'ab', sources: [] });
    const engine = {
      call: async () => {
        if (++lists > MANY) {
          tellTooMany();
          await new Promise(() => undefined);
        }
        now += SLOW_MS;
        return answer();
      },
    };
    catalog = new Catalog(engine as unknown as EngineClient, new Configuration(scratch.path), () => now);
  });
  afterEach(() => {
    catalog.dispose();
    scratch.remove();
  });

  /** Each listener asks for what is gone at every change, as the File Versions view does. Waits until all are content. */
  async function settle(listeners: number, begin: () => Promise<unknown>): Promise<number> {
    const reading: Promise<unknown>[] = [];
    let told = 0;
    for (let i = 0; i < listeners; i++) {
      catalog.onDidChange(() => {
        told++;
        reading.push(catalog.resolve(gone).catch(() => undefined));
      });
    }
    await begin().catch(() => undefined);
    for (let read = reading.shift(); read; read = reading.shift()) {
      await Promise.race([read, tooMany]);
      assert.ok(lists <= MANY, 'it is listed again and again');
    }
    return told;
  }

  it('is not made over and over by views that show a file of a vanished snapshot', async () => {
    await catalog.list();
    await settle(3, async () => catalog.invalidate());
    assert.ok(lists <= 6, `listed ${lists} times`);
  });

  it('is told of when reading has found another one, once', async () => {
    await catalog.list();
    now += SLOW_MS;
    answer = () => ({ storeId: 'cd', sources: [] });
    assert.equal(await settle(1, () => catalog.resolve(gone)), 1);
    assert.ok(lists <= 4, `listed ${lists} times`);
  });

  it('that can no longer be made is told of, once', async () => {
    await catalog.list();
    now += SLOW_MS;
    answer = () => {
      throw new PhlbError('unreachable', 'gone');
    };
    assert.equal(await settle(1, () => catalog.listAgain()), 1);
    assert.ok(lists <= 4, `listed ${lists} times`);
  });

  describe('and whose disk has changed', () => {
    const change = (): void => void mkdirSync(join(root, `by another program ${++changes}`), { recursive: true });
    let root: string;
    let changes = 0;

    beforeEach(async () => {
      ({ root } = new Configuration(scratch.path).location());
      change();
      await catalog.list();
      change();
    });
    afterEach(() => {
      for (; changes > 0; changes--) rmdirSync(join(root, `by another program ${changes}`));
    });

    it('is not told of when it comes out the same, else a menu that is open loses its node', async () => {
      assert.equal(await settle(1, () => catalog.checkDisk()), 0);
      assert.equal(lists, 2);
      await catalog.checkDisk();
      assert.equal(lists, 2, 'until it changes again');
    });

    it('is told of, once, when it comes out another one, or cannot be made', async () => {
      answer = () => ({ storeId: 'cd', sources: [] });
      assert.equal(await settle(1, () => catalog.checkDisk()), 1);
      answer = () => {
        throw new PhlbError('unreachable', 'gone');
      };
      change();
      let told = 0;
      catalog.onDidChange(() => told++);
      await catalog.checkDisk();
      assert.equal(told, 1);
      answer = () => ({ storeId: 'ab', sources: [] });
      change();
      await catalog.checkDisk();
      await catalog.list();
      assert.ok(told > 1, 'and when it is back');
    });
  });

  it('is made once for all who ask for a newer one at a time', async () => {
    await catalog.list();
    now += SLOW_MS;
    await Promise.all(Array.from({ length: 10 }, () => catalog.listYoungerThan(1000)));
    assert.equal(lists, 2);
  });
});
