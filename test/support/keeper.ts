/**
 * Runs a program for as long as whoever started it lives: `node keeper.js PROGRAM ARGS…`, with a pipe as its standard input.
 * The pipe's end, which no way of dying can prevent, ends the program and all that it has started.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', error => {
  console.error(error.message);
  process.exit(1);
});
child.once('exit', code => process.exit(code ?? 1));
process.stdin.resume().once('close', () => {
  // A connection of sshd is a session of its own, which the end of sshd does not end.
  for (const pid of [child.pid ?? 0, ...below(child.pid ?? 0)]) kill(pid);
});

function below(pid: number): number[] {
  const children = parents()
    .filter(process => process.parent === pid)
    .map(process => process.pid);
  return children.flatMap(child => [child, ...below(child)]);
}

function parents(): { pid: number; parent: number }[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => ({ pid: Number(name), parent: Number(/^PPid:\t(\d+)$/m.exec(status(name))?.[1]) }));
}

function status(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
