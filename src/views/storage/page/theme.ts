/** A colour of the editor's theme as it is now. @param names variables, the first that is set counts */
export function themeColor(...names: string[]): string {
  const style = getComputedStyle(document.documentElement);
  for (const name of names) {
    const value = style.getPropertyValue(`--vscode-${name}`).trim();
    if (value !== '') return value;
  }
  return style.color;
}

/** Runs `listener` when the user has changed the theme. @returns ends it */
export function onThemeChange(listener: () => void): () => void {
  // The editor writes the colours to the root element, and the kind of theme to the body.
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['style'] });
  observer.observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-id'] });
  return () => observer.disconnect();
}
