/** `node restless-writer.js FOLDER ELSEWHERE`: changes files in every way there is, as fast as it can, until it is killed. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { seeded } from './processes.js';

const [folder = '', elsewhere = ''] = process.argv.slice(2);
const random = seeded();
const names = Array.from({ length: 24 }, (_, i) => join(folder, `d${i % 4}`, `f${i}`));
const fifo = join(folder, '..', 'fifo');

const pick = (count: number): number => Math.floor(random() * count);
const text = (): Buffer => Buffer.alloc(pick(4) === 0 ? 2_500_000 : 1 + pick(9000), `${pick(1e9)} `);

const changes: ((name: string) => void)[] = [
  name => fs.appendFileSync(name, text()),
  name => fs.truncateSync(name, pick(5000)),
  name => fs.writeFileSync(name, text()),
  name => {
    fs.writeFileSync(`${name}.new`, text());
    fs.rmSync(name, { recursive: true, force: true });
    fs.renameSync(`${name}.new`, name);
  },
  name => fs.renameSync(name, names[pick(names.length)] ?? name),
  name => remove(name),
  name => {
    remove(name);
    fs.mkdirSync(name);
    fs.writeFileSync(join(name, 'inside'), text());
  },
  name => {
    remove(name);
    fs.symlinkSync(pick(2) === 0 ? elsewhere : join(elsewhere, 'secret'), name);
  },
  name => {
    if (pick(5) > 0) return;
    spawnSync('mkfifo', [fifo]);
    remove(name);
    fs.renameSync(fifo, name);
  },
  name => {
    // A whole folder, with whatever the walk is about to find in it, away and (by a later change) back.
    const [from, to] = [dirname(name), `${dirname(name)} moved`];
    fs.renameSync(...(fs.existsSync(from) ? ([from, to] as const) : ([to, from] as const)));
  },
];

for (let i = 0; i < 4; i++) fs.mkdirSync(join(folder, `d${i}`), { recursive: true });
for (const name of names) fs.writeFileSync(name, text());
console.log('begun');
for (;;) {
  try {
    const name = names[pick(names.length)] ?? '';
    // A FIFO would wait for a reader.
    const stat = fs.lstatSync(name, { throwIfNoEntry: false });
    if (stat?.isFile() || !stat) changes[pick(changes.length)]?.(name);
    else remove(name);
  } catch {
    // What is not there, or is something else by now, is left for another change.
  }
}

function remove(name: string): void {
  fs.rmSync(name, { recursive: true, force: true });
}
