/** How many lines around a change are shown. */
const AROUND = 1;
/** Of longer texts what differs is shown in one piece. */
const LONGEST = 1500;

/** What one text adds to another and takes from it, as `diff -u` has it without its heads: ` `, `+`, `-` and `…` for what is left out. */
export function diffLines(before: string, after: string): string[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let same = 0;
  while (same < Math.min(a.length, b.length) - start && a.at(-1 - same) === b.at(-1 - same)) same++;
  const lines = [
    ...a.slice(0, start).map(line => ` ${line}`),
    ...changed(a.slice(start, a.length - same), b.slice(start, b.length - same)),
    ...a.slice(a.length - same).map(line => ` ${line}`),
  ];
  return shortened(lines);
}

// By the longest sequence of lines that both have.
function changed(a: readonly string[], b: readonly string[]): string[] {
  if (a.length > LONGEST || b.length > LONGEST) return [...a.map(line => `-${line}`), ...b.map(line => `+${line}`)];
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) [lines[lines.length], i, j] = [` ${a[i] ?? ''}`, i + 1, j + 1];
    else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) lines.push(`-${a[i++] ?? ''}`);
    else lines.push(`+${b[j++] ?? ''}`);
  }
  return lines;
}

function shortened(lines: readonly string[]): string[] {
  const isNear = lines.map((_, at) =>
    lines.slice(Math.max(at - AROUND, 0), at + AROUND + 1).some(line => !line.startsWith(' ')),
  );
  return lines.flatMap((line, at) => {
    if (isNear[at]) return [line];
    return at === 0 || isNear[at - 1] ? ['…'] : [];
  });
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
