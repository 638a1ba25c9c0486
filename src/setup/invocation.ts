/** How an agent calls `phlb`: a line for the shell that it starts hooks with, or a program with arguments. */

export interface Invocation {
  /** a program and its first arguments: `node` and `dist/cli.js`, a launcher, or `phlb` */
  program: readonly string[];
  /** `--root` and `--index`, where they are not the default ones of whom the agent starts as */
  options: readonly string[];
}

export type Shell = 'posix' | 'cmd' | 'powershell';

/** The line that runs a hook: `'/opt/phlb' agent hook claude`. Nothing is quoted that need not be, so that most shells understand it. */
export function hookLine({ program, options }: Invocation, agent: string, shell: Shell): string {
  const [first = '', ...rest] = [...program, ...options].map(word =>
    quote(shell === 'posix' ? slashed(word) : word, shell),
  );
  const line = [first, ...rest, 'agent', 'hook', agent].join(' ');
  return shell === 'powershell' && first.startsWith("'") ? `& ${line}` : line;
}

/** As a program with arguments, for servers. */
export function serverCommand({ program, options }: Invocation): { command: string; args: string[] } {
  const [command = 'phlb', ...args] = program;
  return { command, args: [...args, ...options, 'mcp'] };
}

// For Git Bash on Windows.
function slashed(word: string): string {
  return /^[A-Za-z]:\\/.test(word) ? word.replaceAll('\\', '/') : word;
}

function quote(word: string, shell: Shell): string {
  const plain = shell === 'posix' ? /^[\w@%+=:,./-]+$/ : /^[\w@+=:./\\-]+$/;
  if (plain.test(word)) return word;
  if (shell === 'posix') return `'${word.replaceAll("'", "'\\''")}'`;
  // A quote cannot be in a name there; `%NAME%` stays what it is where there is no such variable.
  return shell === 'cmd' ? `"${word.replaceAll('"', '')}"` : `'${word.replaceAll("'", "''")}'`;
}
