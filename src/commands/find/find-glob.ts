/**
 * The glob for what somebody types into a search box. Globs are taken as they are; a bare word is found anywhere in a
 * name, with `/` anywhere in a path, in either case.
 * @returns `undefined` for nothing
 */
export function globOf(typed: string): string | undefined {
  const text = typed.trim();
  if (text.replace(/^[./]+/, '') === '') return undefined;
  if (/[*?[{]/.test(text)) return text;
  const words = text.replace(/^\.?\/+/, '').replace(/\/+$/, '');
  const pattern = [...words].map(inEitherCase).join('');
  return words.includes('/') ? `**/*${pattern}*` : `*${pattern}*`;
}

function inEitherCase(char: string): string {
  const [lower, upper] = [char.toLowerCase(), char.toUpperCase()];
  if (lower !== upper) return lower.length === 1 && upper.length === 1 ? `[${lower}${upper}]` : char;
  return /[()!+@\\|^$\]}]/.test(char) ? `\\${char}` : char;
}
