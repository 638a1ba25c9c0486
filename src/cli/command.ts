import { PhlbError } from '../engine/words/errors.js';
import { GLOBAL_OPTIONS, type CommandLine, type OptionName } from './options.js';
import type { Session } from './session.js';
import type { ExitStatus } from './status.js';

export interface CommandDefinition {
  name: string;
  /** `backup <folder>...` */
  synopsis: string;
  /** what it does, in one line without a full stop */
  summary: string;
  options: readonly OptionName[];
  optionHelp: string[][];
  /** further lines of help */
  notes?: string[];
  /** how many operands it takes, and what the first one is where it cannot be left out */
  operands: { min: number; max: number; first?: string };
  run(session: Session): Promise<ExitStatus>;
}

/** One command of `phlb`. */
export class Command {
  constructor(private readonly definition: CommandDefinition) {}

  get name(): string {
    return this.definition.name;
  }

  get synopsis(): string {
    return this.definition.synopsis;
  }

  get summary(): string {
    return this.definition.summary;
  }

  get optionHelp(): string[][] {
    return this.definition.optionHelp;
  }

  get notes(): string[] {
    return this.definition.notes ?? [];
  }

  /** Throws `usage` for an option that is not this command's, and for too few or too many operands. */
  check({ operands, values }: CommandLine): void {
    const { name, options, synopsis } = this.definition;
    const allowed = new Set<string>([...GLOBAL_OPTIONS, ...options]);
    const foreign = Object.keys(values).find(option => !allowed.has(option));
    const hint = `usage: phlb ${synopsis}`;
    if (foreign !== undefined) throw new PhlbError('usage', `${name} has no option --${foreign}`, { hint });
    const { min, max, first = 'an operand' } = this.definition.operands;
    if (operands.length < min) throw new PhlbError('usage', `${name} needs ${first}`, { hint });
    const surplus = operands[max];
    if (surplus !== undefined) throw new PhlbError('usage', `${name} does not take ${surplus}`, { hint });
    if (operands.includes('')) throw new PhlbError('usage', `${name} does not take an empty name`, { hint });
  }

  run(session: Session): Promise<ExitStatus> {
    return this.definition.run(session);
  }
}
