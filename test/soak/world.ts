/**
 * The backup location of one episode, and a plain model of it: which snapshots there must be, what each must hold, and
 * what was damaged on purpose. `judge` compares the two; nothing of PHLB takes part in that.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineClient } from '../../src/worker/client.js';
import type { StoreLocation } from '../../src/engine/words/model.js';
import { locationOf, startEngine } from '../support/engine.js';
import { assertManifestTells } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';
import type { Bytes, Node } from '../support/trees.js';
import { Dice } from './dice.js';
import { listTrees, type Stored, type Tree } from './listing.js';

/** A snapshot that must stand. */
export interface Kept {
  id: string;
  source: string;
  kind: 'snapshot' | 'safety';
  /** what the source was */
  nodes: Map<Bytes, Node>;
  /** how it was stored; never to change */
  stored: Tree;
  pinned: boolean;
  label: string | null;
  /** what of `.phlb` was taken from it */
  lost: 'manifest' | 'record' | null;
  /** its manifest was made again from the tree: true modes and times are forgotten */
  rehashed: boolean;
  /** … and so are its rules and its place in the order */
  recordRehashed: boolean;
}

const SOURCES = ['documents', 'other/documents', 'project'];

export class World {
  readonly box = new Sandbox();
  /** two windows */
  private readonly engines = [startEngine(true), startEngine()] as const;
  readonly location: StoreLocation = locationOf(this.box);
  readonly sources = SOURCES.map(path => this.box.path(path));
  readonly dice: Dice;
  kept: Kept[] = [];
  /** inodes of stored files that were damaged; `told`: by size or time, or found by a verify, so never to be linked again */
  readonly damaged = new Map<string, { told: boolean }>();
  /** `ID PATH` of stored files that were removed */
  readonly missing = new Set<string>();
  /** contents that may stand more than once, since one of their files was damaged, or could not be found */
  readonly doubled = new Set<string>();

  constructor(seed: number) {
    this.dice = new Dice(seed);
    for (const source of SOURCES) this.box.write({ [`${source}/`]: '' });
  }

  async dispose(): Promise<void> {
    for (const engine of this.engines) await engine.dispose();
    this.box.dispose();
  }

  /** Of one of the windows. */
  get engine(): EngineClient {
    return this.engines[this.dice.chance(0.5) ? 0 : 1];
  }

  tree(kept: Kept): string {
    return join(this.box.root, kept.id);
  }

  of(source: string): Kept[] {
    return this.kept.filter(kept => kept.source === source);
  }

  /** Whether nothing of it was damaged or lost. */
  isSound(kept: Kept): boolean {
    return kept.lost === null && this.damagedPaths(kept).length === 0;
  }

  damagedPaths(kept: Kept): Bytes[] {
    return [...kept.stored]
      .filter(([path, { inode }]) => this.damaged.has(inode) || this.missing.has(`${kept.id} ${path}`))
      .map(([path]) => path);
  }

  /** Takes a snapshot into the model that has just been published, and judges it against what it is of. */
  add(id: string, source: string, kind: Kept['kind'], was: Map<Bytes, Node>): Kept {
    const stored = listTrees(this.box.root).get(id);
    assert.ok(stored, `${id} was published, but has no tree`);
    const nodes = kind === 'snapshot' ? new Map(was) : new Map([...was].filter(([path]) => stored.has(path)));
    assert.deepEqual([...stored.keys()].sort(), [...nodes.keys()].sort(), `names in ${id}`);
    for (const [path, node] of nodes) this.judgeStored(`${id} ${path}`, node, stored.get(path));
    assertManifestTells(this.box.manifest(id), nodes);
    const kept: Kept = {
      ...{ id, source, kind, nodes, stored, pinned: false, label: null, lost: null },
      ...{ rehashed: false, recordRehashed: false },
    };
    this.kept.push(kept);
    return kept;
  }

  /** Takes out of the model what has gone; its damage with it. */
  drop(ids: readonly string[]): void {
    this.kept = this.kept.filter(({ id }) => !ids.includes(id));
  }

  /** Everything that must stand stands as it was stored, nothing else does, and one content is one file. */
  judge(): void {
    const trees = listTrees(this.box.root);
    assert.deepEqual([...trees.keys()].sort(), this.kept.map(({ id }) => id).sort(), 'the snapshots');
    const wrong = new Set<string>();
    for (const kept of this.kept) this.judgeTree(kept, trees.get(kept.id) ?? new Map(), wrong);
    for (const inode of this.damaged.keys()) if (!wrong.has(inode)) this.damaged.delete(inode);
    for (const name of this.missing) {
      const [id, path] = split(name);
      if (!this.kept.some(kept => kept.id === id) || trees.get(id)?.has(path)) this.missing.delete(name);
    }
    this.judgeSharing(trees);
  }

  private judgeTree(kept: Kept, tree: Tree, wrong: Set<string>): void {
    const unsettled = new Set<Bytes>();
    for (const path of kept.stored.keys()) {
      const is = tree.get(path);
      if (!is && this.missing.has(`${kept.id} ${path}`)) {
        unsettled.add(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
        continue;
      }
      assert.ok(is, `${kept.id} ${path} has gone (lost: ${kept.lost}, rehashed: ${kept.rehashed})`);
      const sha256 = kept.nodes.get(path)?.sha256;
      if (is.sha256 !== sha256) {
        assert.ok(this.damaged.has(is.inode), `${kept.id} ${path} has another content`);
        wrong.add(is.inode);
      }
    }
    for (const [path, is] of tree) {
      const was = kept.stored.get(path);
      assert.ok(was, `${kept.id} ${path} has come into being`);
      if (unsettled.has(path) || wrong.has(is.inode)) continue;
      assert.deepEqual(lasting(is), lasting(was), `${kept.id} ${path} was changed`);
    }
  }

  private judgeStored(what: string, node: Node, stored: Stored | undefined): void {
    assert.ok(stored, what);
    assert.equal(stored.type, { file: 'f', dir: 'd', link: 'l', fifo: 'p', other: '?' }[node.type], what);
    if (node.type === 'dir') assert.equal(stored.mode, (node.mode & 0o777) | 0o700, `mode of ${what}`);
    if (node.type === 'file') assert.equal(stored.mode, (node.mode & 0o555) | 0o400, `mode of ${what}`);
    // Files that share an inode share its time.
    if (node.type !== 'file') assert.equal(stored.mtime, floorMicros(node.mtime), `mtime of ${what}`);
    assert.equal(stored.target, node.target, what);
    if (stored.sha256 === node.sha256) return;
    const damage = this.damaged.get(stored.inode);
    assert.ok(damage, `${what} was stored with another content`);
    assert.ok(!damage.told, `${what} was linked to a file that was known to be damaged`);
  }

  private judgeSharing(trees: Map<string, Tree>): void {
    const inodes = new Map<string, { inode: string; name: string }>();
    // No run looks for contents in safety snapshots.
    for (const { id, nodes } of this.kept.filter(({ kind }) => kind === 'snapshot')) {
      for (const [path, { sha256, mode }] of nodes) {
        const is = trees.get(id)?.get(path);
        if (sha256 === undefined || !is || is.sha256 !== sha256 || this.doubled.has(sha256)) continue;
        const key = `${sha256} ${mode & 0o555}`;
        const name = `${id} ${path}`;
        const first = inodes.get(key) ?? { inode: is.inode, name };
        inodes.set(key, first);
        assert.equal(is.inode, first.inode, `one content, stored twice: ${first.name}, ${name}`);
      }
    }
  }
}

/** Splits `ID PATH`: no id holds a space. */
export function split(name: string): [id: string, path: Bytes] {
  const at = name.indexOf(' ');
  return [name.slice(0, at), name.slice(at + 1)];
}

function floorMicros(ns: bigint): bigint {
  return (ns - (((ns % 1000n) + 1000n) % 1000n)) / 1000n;
}

function lasting({ type, mode, mtime, target }: Stored): object {
  return { type, mode, mtime, target };
}

/** `ID PATH` of all that was damaged or removed. */
export function damagedNames(world: World): string[] {
  return world.kept.flatMap(kept => world.damagedPaths(kept).map(path => `${kept.id} ${path}`));
}

export function nameOf(world: World, source: string): string | undefined {
  return world.of(source)[0]?.id.split('/')[0];
}

export function chooseSource(world: World): string {
  return world.dice.pick(world.sources) ?? '';
}

/** What stands no more of these. */
export function gone(world: World, kept: readonly Kept[]): string[] {
  return kept.filter(one => !existsSync(world.tree(one))).map(({ id }) => id);
}

export function newIds(world: World): string[] {
  const known = new Set(world.kept.map(({ id }) => id));
  return onDisk(world).filter(id => !known.has(id));
}

export function onDisk({ box }: World): string[] {
  if (!existsSync(box.root)) return [];
  return readdirSync(box.root)
    .filter(name => name !== '.phlb')
    .flatMap(name => readdirSync(join(box.root, name)).map(stamp => `${name}/${stamp}`));
}
