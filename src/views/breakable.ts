const ZERO_WIDTH_SPACE = '\u200b';

/** A view cuts off what is wider than it: lets the paths in a text go on in the next line. */
export function breakable(text: string): string {
  return text.replaceAll(/[/\\]/g, `$&${ZERO_WIDTH_SPACE}`);
}
