// The README as it is packed: it is shown alone. An editor shows pictures of public addresses only (its sanitizer takes
// out relative and data: ones), so without such an address they and the links to other files give way to words.

const picture = String.raw`!\[[^\]]*\]\((?![a-z][a-z0-9+.-]*:)[^)\s]+\)`;

/**
 * @param {string} text the README of the checkout
 * @param {string} walkthrough the title of the walkthrough, which has pictures
 */
export function packedReadme(text, walkthrough) {
  const instead = `With pictures: *Welcome: Open Walkthrough…* in the palette, then *${walkthrough}*.\n`;
  return (
    text
      // What is about the checkout only.
      .replace(/<!-- checkout -->[\s\S]*?<!-- \/checkout -->\n*/g, '')
      // Tables with pictures for a head, then pictures in lines of their own.
      .replace(new RegExp(String.raw`^\|(?:\s*${picture}\s*\|)+\n(?:\|.*\n)*\n*`, 'gim'), '')
      .replace(new RegExp(String.raw`^${picture}\n`, 'im'), instead)
      .replace(new RegExp(String.raw`^${picture}\n+`, 'gim'), '')
      .replace(new RegExp(picture, 'gi'), '')
      .replace(/\[([^\]]+)\]\((?![a-z][a-z0-9+.-]*:|#)[^)\s]+\)/gi, '$1')
  );
}
