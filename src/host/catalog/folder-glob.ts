/** The glob that means all that is in a folder of a source, and nothing else. @param folder relative to the source, not `''` */
export function folderGlob(folder: string): string {
  return `/${folder.replaceAll(/[\\*?[\]{}()!+@|#]/g, String.raw`\$&`)}/`;
}
