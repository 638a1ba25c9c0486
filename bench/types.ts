// What the parts of the benchmark hand to each other.

/** Where it is measured: grounds.mjs. */
export interface Ground {
  id: string;
  /** a contestant's time includes that of its data reaching the disk */
  flush: boolean;
  /** where such a file system may be */
  folders: string[];
}

/** A place on a ground with all that a run needs there: site.mjs. */
export interface Site {
  ground: Ground;
  description: string;
  scratch: string;
  /** a copy of dist/ */
  program: string;
  close: () => void;
  closeAtLast: () => void;
}

/** What is backed up. */
export interface Tree {
  path: string;
  files: number;
  /** how many files the last change was in */
  changed?: number;
  /** paths of the folders that were moved last */
  moved?: string[];
}

/** A tree of generated files: make-tree.mjs. */
export interface MadeTree extends Tree, TreeSize {
  /** the path of one of its files */
  file: string;
}

export interface TreeSize {
  files: number;
  directories: number;
  /** of the files' contents */
  bytes: number;
}

/** What `phlb backup --json` says of a snapshot. */
export interface Snapshot {
  id: string;
  path: string;
  published: boolean;
  errors: unknown[];
  files: number;
  copiedFiles: number;
  linkedFiles: number;
  unchangedFiles: number;
  copiedBytes: number;
}

/**
 * Kinds of work: `first`, a first snapshot; `next`, one more after it; `links`, one more where nothing has changed, without
 * looking; `skip`, none where nothing has changed; `hash`, reading what was moved; `look`, a stat of each file.
 */
type Kind = 'first' | 'next' | 'links' | 'skip' | 'hash' | 'look';

/** A program that is on this machine, or can be had. */
export interface Program {
  program: string;
  /** Debian's */
  package?: string;
}

/** PHLB and what it is measured against. */
export interface Contestant extends Program {
  id: string;
  /** the arguments that make it say its version */
  version?: string[];
  /** makes an empty repository, untimed; what it returns is run */
  setup?: (location: Place) => string[] | undefined;
  commands: Partial<Record<Kind, Command>>;
  /** throws if the work that was measured is not the work that was meant, and tells what else of it is worth knowing */
  inspect?: (row: Row, output: string, tree: Tree) => { copiedBytes: number };
}

export interface Command {
  /** what stands in the tables */
  label: string;
  /** it does not flush its data itself, so that on a disk `sync -f` belongs to it */
  flush?: boolean;
  args: (location: Place) => string[];
}

/** Where one contestant works in one round. */
export interface Place {
  /** all its own */
  folder: string;
  /** PHLB's */
  program: string;
  tree: string;
  /** leads to the folder too, and carries no settings of the user's */
  env: NodeJS.ProcessEnv;
  /** the snapshot before */
  last: string;
  /** the snapshot that it is to make */
  next: string;
  /** see `Tree` */
  moved: string[];
  takenBytes: number;
}

/** A piece of work on a tree. Rows build on the ones before them. */
export interface Row {
  id: string;
  /** a contestant takes part with the first of them that it has */
  kinds: Kind[];
  /** whether PHLB did what the row means */
  expect: (snapshot: Snapshot, tree: Tree) => boolean;
  /** what happens to the tree before it */
  prepare?: (tree: Tree, round: number) => void;
  /** the only ground that has it */
  only?: string;
}

/** A row with what the page says of it. */
export interface ShownRow extends Row {
  title: string;
  what: string;
  goals?: RowGoal[];
}

export type RowGoal = {
  /** the ground */
  on: string;
  atMost: number;
} & (
  | {
      /** whose time PHLB's is a multiple of */
      against: string;
      /** the row that this time is of, if it is another one */
      than?: string;
    }
  | {
      /** a figure of PHLB's samples */
      value: 'copiedBytes' | 'takenBytes';
      /** what that is */
      what: string;
    }
);

/** What one run of a program has taken: measure.mjs. */
export interface Usage {
  /** wall time of the whole process */
  seconds: number;
  /** peak resident memory of its largest process; only with GNU time */
  peakBytes?: number;
  /** of all threads and children; only with GNU time */
  cpuSeconds?: number;
}

export interface Sample extends Usage {
  /** growth of everything that the contestant keeps, caches too */
  takenBytes: number;
  copiedBytes?: number;
}

export interface Measured {
  label: string;
  samples: Sample[];
}

/** By row id, then by contestant id. */
export type Measurements = Record<string, Record<string, Measured>>;

/** What a course has found on one ground: course.mjs. */
export interface CourseData {
  ground: string;
  description: string;
  tree: Pick<TreeSize, 'files'> & Partial<TreeSize>;
  measurements: Measurements;
}

/** What a run is made with. */
export interface Tools {
  contestants: Contestant[];
  /** GNU time is here */
  hasTime: boolean;
  /** takes what could not be measured, and why */
  remarks: string[];
}

/** What the command line may change of a family's settings. */
export interface Settings {
  files?: number;
  megabytes?: number;
  rounds?: number;
  only?: string;
}

/** A family of rows, as families/all.mjs lists them. */
export type Family = FamilyOf<Settings, unknown>;

export interface FamilyOf<Full extends Settings, Data> {
  id: string;
  title: string;
  /** that it takes on a quiet machine of two cores */
  minutes: number;
  full: Full;
  quick: Partial<Full>;
  /** it runs only when it is asked for */
  apart?: boolean;
  /** who takes part, by id */
  contestants: string[];
  /** returns what it has found as plain data */
  measure(settings: Full & Settings, tools: Tools): Promise<Data>;
  report(data: Data): Report;
  /** on how it is measured */
  notes?: string[];
}

export interface Report {
  goals: Goal[];
  /** Markdown */
  blocks: string[];
  plots?: Plot[];
  /** on what was measured */
  notes?: string[];
}

export interface Goal {
  work: string;
  on?: string;
  against?: string;
  goal: string;
  measured: string;
  met: boolean;
  rounds?: string;
}

/** A picture of the page, which is drawn in the colours of two themes. */
export interface Plot {
  name: string;
  alt: string;
  draw: (theme: Theme) => string;
}

export interface Theme {
  page: string;
  text: string;
  quiet: string;
  grid: string;
  own: string;
  other: string;
  whisker: string;
  series: string[];
}

/** Median, smallest and largest of some numbers. */
export interface Summary {
  median: number;
  min: number;
  max: number;
}

export interface Machine {
  date: string;
  processor: string;
  memory: string;
  kernel: string;
  node: string;
  phlb: string;
  loadBefore: string;
}

/** The last run of a family, as bench/results/ keeps it. */
export interface Result {
  /** smaller than the family's full size */
  reduced: boolean;
  loadAtStart: string;
  settings: Settings;
  machine: Machine;
  loadAfter: string;
  versions: string[];
  remarks: string[];
  data: unknown;
}
