/**
 * A sentence with gaps: the command line says it as it is, the editor in the user's language. In the form of
 * `vscode.l10n.t`, whose bundles have a translation for each template.
 */
export interface Phrase {
  /** English, with gaps `{0}`, `{1}` … */
  template: string;
  args: string[];
}

/** What a user can do about an error. */
export interface Hint extends Phrase {
  /** It is about the command line; the editor has its own words for it. */
  commandLine?: CommandLineHint;
}

/** Each has its counterpart for the editor in `src/host/editor/error-text.ts`. */
const COMMAND_LINE = {
  accept: 'mount the right disk, or accept these backups with --init',
  adopt: 'choose another name, or go on with its history here with --adopt',
  connect: 'connect the disk, or begin anew with --init',
  endTurn: 'its end is marked by: phlb backup FOLDER --skip-unchanged --turn {0}',
  find: 'see what there is with: phlb find NAME',
  folderByFolder: 'restore folder by folder, or with --to into an empty folder',
  list: 'see what there is with: phlb list',
  listMissing: 'its list of backups is missing: rebuild it with "phlb rebuild --rehash"',
  makeRepository: 'check its address, or make it with "phlb offsite init"',
  newRestic: 'install restic {0} or newer, or name it in PHLB_RESTIC',
  offsiteStatus: 'see what there is with: phlb offsite status',
  offsiteStore: 'say which one with --store',
  otherRoot: 'name another folder with --root',
  otherTarget: 'choose another folder with --to',
  rehash: 'phlb rebuild --rehash rebuilds it from the tree',
  repository: 'name it with --repository or RESTIC_REPOSITORY',
  repositoryPassword: 'put it into a file that only you can read, and name that in RESTIC_PASSWORD_FILE',
  restoreTo: 'restore it with --to DIR',
  root: 'name the folder that holds the backups with --root',
  takeOver: 'adopt them with "phlb rebuild --rehash", or begin beside them with --init',
  undo: 'part of it was done; phlb undo {0} takes that back',
  wholeHashes: 'leave --quick out',
  withoutDelete: 'leave --delete out',
};

export type CommandLineHint = keyof typeof COMMAND_LINE;

/** Makes a phrase of a template literal. */
export function phrase(parts: TemplateStringsArray, ...args: (string | number)[]): Phrase {
  const template = parts.reduce((text, part, at) => `${text}{${at - 1}}${part}`);
  return { template, args: args.map(String) };
}

export function commandLineHint(commandLine: CommandLineHint, ...args: string[]): Hint {
  return { commandLine, template: COMMAND_LINE[commandLine], args };
}

/** In English. */
export function textOf({ template, args }: Phrase): string {
  return template.replace(/\{(\d+)\}/g, (gap, at: string) => args[Number(at)] ?? gap);
}
