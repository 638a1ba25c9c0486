/** What befalls a backup location: contents that change, names that go, an index or a manifest that is lost. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { toBytes, toPath, type Bytes } from '../support/trees.js';
import { damagedNames, type Kept, type World } from './world.js';

/** More would mostly be about what was damaged before. */
const MOST_DAMAGED = 12;

/** A bit flips on the disk (size and time as before), an editor writes in place, or a file is cut off. */
export function damage(world: World): void {
  const { dice } = world;
  const found = dice.pick(harmable(world).filter(({ sha256 }) => sha256 !== undefined));
  if (!found || damagedNames(world).length > MOST_DAMAGED) return;
  const file = pathOf(world, found);
  const { mode, mtimeNs, size } = lstatSync(file, { bigint: true });
  if (size === 0n) return;
  const how = dice.choose([
    [4, 'flip'],
    [2, 'edit'],
    [1, 'cut'],
  ] as const);
  chmodSync(file, 0o644);
  if (how === 'cut') truncateSync(file, Number(size) - 1);
  else
    writeFileSync(
      file,
      readFileSync(file).map(byte => byte ^ 1),
    );
  const seconds = how === 'flip' ? (Number(mtimeNs / 1000n) + 0.5) / 1e6 : 1_000_000_000;
  utimesSync(file, seconds, seconds);
  chmodSync(file, Number(mode & 0o7777n));
  world.damaged.set(found.inode, { told: how !== 'flip' });
  world.doubled.add(found.sha256 ?? '');
}

/** A file, a link or a folder with all that is in it goes from a snapshot. */
export function removeStored(world: World): void {
  const found = world.dice.pick(harmable(world).filter(({ path }) => path !== ''));
  if (!found || damagedNames(world).length > MOST_DAMAGED) return;
  const { kept, path } = found;
  rmSync(pathOf(world, found), { recursive: true });
  for (const [name, { sha256 }] of kept.nodes) {
    if (name !== path && !name.startsWith(`${path}/`)) continue;
    world.missing.add(`${kept.id} ${name}`);
    if (sha256 !== undefined) world.doubled.add(sha256);
  }
}

interface Harmable {
  kept: Kept;
  path: Bytes;
  inode: string;
  sha256: string | undefined;
}

// In one snapshot. Not what a snapshot shares whose manifest is to be made again from what then stands there.
function harmable(world: World): Harmable[] {
  const spared = new Set(
    world.kept
      .filter(({ lost }) => lost !== null)
      .flatMap(({ stored }) => [...stored.values()].map(({ inode }) => inode)),
  );
  const kept = world.dice.pick(world.kept.filter(({ lost }) => lost === null));
  if (!kept) return [];
  const harmed = new Set(world.damagedPaths(kept));
  return [...kept.stored]
    .map(([path, { inode }]) => ({ kept, path, inode, sha256: kept.nodes.get(path)?.sha256 }))
    .filter(({ path, inode }) => !harmed.has(path) && !spared.has(inode));
}

function pathOf(world: World, { kept, path }: Harmable): Buffer {
  return toPath(`${toBytes(world.tree(kept))}/${path}`);
}

/** The index goes, is garbage, or is cut off: nobody hears of it. */
export function damageIndex(world: World): void {
  const { dice, box } = world;
  const folder = join(box.state, 'index');
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const file = join(folder, name);
    dice.choose([
      [2, () => rmSync(file)],
      [2, () => writeFileSync(file, 'garbage '.repeat(dice.below(2000)))],
      [1, () => truncateSync(file, dice.below(lstatSync(file).size + 1))],
      [1, () => undefined],
    ])();
  }
}

/** A manifest or a record goes, or cannot be read any more. */
export function loseManifest(world: World): void {
  const { dice, box } = world;
  const kept = dice.pick(world.kept.filter(one => world.isSound(one)));
  if (!kept) return;
  // The record of a safety snapshot says what undo has to do: it cannot be made again.
  const what = kept.kind === 'snapshot' && dice.chance(0.4) ? 'record' : 'manifest';
  const manifest = box.manifest(kept.id);
  const file = what === 'record' ? manifest.replace('.mtree.gz', '.json') : manifest;
  if (dice.chance(0.5)) rmSync(file);
  else writeFileSync(file, '{"garbage');
  kept.lost = what;
  // No run finds these contents now.
  for (const { sha256 } of kept.nodes.values()) if (sha256 !== undefined) world.doubled.add(sha256);
}
