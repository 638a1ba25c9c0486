type Child = Node | string | undefined;

/** Makes an element. Texts become text nodes, whatever is in them: names in a store may look like markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.flatMap(child => (child === undefined || child === '' ? [] : [child])));
  return made;
}
