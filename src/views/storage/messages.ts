/** What the storage page and its host tell each other. All texts are made by the host, in the user's language. */

/** What the page's buttons ask for. */
export const PAGE_ACTIONS = [
  'backup',
  'verify',
  'prune',
  'changeLocation',
  'retentionSettings',
  'offsitePush',
  'offsiteCheck',
  'offsiteRecover',
  'offsiteSettings',
  'refresh',
  'cancel',
  'showLog',
] as const;
export type PageAction = (typeof PAGE_ACTIONS)[number];

/** What can be done with one snapshot of the table. */
export const ROW_ACTIONS = ['changes', 'restore', 'label', 'pin', 'unpin', 'reveal', 'verify', 'delete'] as const;
export type RowAction = (typeof ROW_ACTIONS)[number];

export type ToHost =
  | { kind: 'ready' }
  | { kind: 'shown'; report: number }
  /** the page's script has met an error, which it shows */
  | { kind: 'failed'; text: string }
  | { kind: 'action'; action: PageAction }
  | { kind: 'row'; action: RowAction; /** of the snapshot */ id: string };

export type ToPage =
  | { kind: 'measuring'; text: string; /** 0 to 1, once it is known */ fraction: number | null; cancel: PageButton }
  | { kind: 'report'; report: StorageReport }
  | { kind: 'problem'; title: string; text: string; buttons: PageButton[] }
  /** what has changed of a report that is shown */
  | { kind: 'offsite'; report: OffsiteReport }
  | { kind: 'stale'; text: string; button: PageButton };

export interface PageButton {
  action: PageAction;
  text: string;
  primary?: true;
}

export interface StorageReport {
  /** tells one report from the next */
  number: number;
  title: string;
  location: string;
  measured: string;
  /** what could not be looked at; empty: nothing */
  warning: string;
  buttons: PageButton[];
  figures: Figure[];
  /** how formats are made for axes: the editor's language, the host's locale and time zone */
  language: string;
  locale: string;
  timeZone: string;
  sources: SourceReport[];
  table: TableReport;
  retention: RetentionReport;
  verify: VerifyReport;
  offsite: OffsiteReport;
}

export interface Figure {
  label: string;
  value: string;
  note: string;
  /** the figure that the page is about */
  main?: true;
}

export interface SourceReport {
  name: string;
  detail: string;
  facts: string;
  chart: ChartReport;
}

export interface ChartReport {
  /** what it shows, in a sentence or two */
  description: string;
  copiesLabel: string;
  storedLabel: string;
  points: ChartPoint[];
  /** instead of a chart of fewer than two snapshots */
  tooFew: string;
}

interface ChartPoint {
  /** seconds since the epoch */
  at: number;
  when: string;
  /** bytes */
  copies: number;
  stored: number;
}

export interface TableReport {
  title: string;
  note: string;
  columns: { id: ColumnId; text: string; hint: string }[];
  rows: TableRow[];
  /** `Show all 1,200 snapshots` */
  showAll: string;
  /** what the buttons of the rows are for */
  actionsTitle: string;
}

export type ColumnId = 'when' | 'source' | 'files' | 'size' | 'added' | 'unique' | 'fate';

export interface TableRow {
  id: string;
  label: string;
  /** `pinned`, `1 error` */
  marks: string[];
  cells: { [C in ColumnId]: TableCell };
  actions: RowButton[];
}

export interface RowButton {
  action: RowAction;
  text: string;
}

export interface TableCell {
  text: string;
  /** what the column is sorted by */
  order: number | string;
  /** more of it */
  hint?: string;
}

export interface RetentionReport {
  title: string;
  summary: string;
  /** why the rest stays: `6 × one of the newest` */
  reasons: string[];
  stayTitle: string;
  goTitle: string;
  going: string[];
  more: string;
  buttons: PageButton[];
}

export interface VerifyReport {
  title: string;
  summary: string;
  /** damage is left */
  alarming: boolean;
  note: string;
  button: PageButton;
}

/** The copies off this machine. */
export interface OffsiteReport {
  title: string;
  /** where they are; empty: nowhere */
  repository: string;
  summary: string;
  /** they fail */
  alarming: boolean;
  facts: Figure[];
  note: string;
  buttons: PageButton[];
}
