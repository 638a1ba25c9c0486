// docs/benchmarks.md: each benchmark writes its own part and leaves the others alone.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const page = join(import.meta.dirname, '..', 'docs', 'benchmarks.md');
/** in the order of the page */
const names = ['command line', 'editor'];

export function writeSection(name, text) {
  const sections = readSections();
  sections.set(name, text.trim());
  const parts = names.filter(known => sections.has(known)).map(known => `${marker(known)}\n\n${sections.get(known)}`);
  writeFileSync(page, `${parts.join('\n\n')}\n`);
}

function readSections() {
  const sections = new Map();
  if (!existsSync(page)) return sections;
  const text = readFileSync(page, 'utf8');
  for (const name of names) {
    const start = text.indexOf(marker(name));
    if (start < 0) continue;
    const rest = text.slice(start + marker(name).length);
    const end = rest.search(/^<!-- part: /m);
    sections.set(name, (end < 0 ? rest : rest.slice(0, end)).trim());
  }
  return sections;
}

function marker(name) {
  return `<!-- part: ${name} -->`;
}
