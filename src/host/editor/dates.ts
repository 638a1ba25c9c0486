/**
 * Times as people say them, in the editor's language and the system's habits. Formats are made when first needed: they
 * load the locale's data, which would be most of PHLB's time to activate.
 */
export class DateFormat {
  private readonly locale = once(() => localeFor(this.language, this.system()));
  private readonly words = once(() => new Intl.RelativeTimeFormat(this.locale(), { numeric: 'auto' }));
  // 24 hours in every locale, as in the names of the snapshots' folders.
  private readonly clock = this.format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  private readonly longDay = this.format({ dateStyle: 'full' });
  private readonly dayOfYear = this.format({ weekday: 'long', month: 'long', day: 'numeric' });
  private readonly shortDay = this.format({ dateStyle: 'medium' });
  private readonly full = this.format({ dateStyle: 'full', timeStyle: 'medium', hourCycle: 'h23' });

  /** Orders names as a person would: without case, numbers by value. */
  readonly collator = once(() => new Intl.Collator(this.locale(), { numeric: true, sensitivity: 'base' }));

  /**
   * @param language the editor's display language
   * @param system tells the system's locale; it counts where it is a variety of that language (`en-GB` for `en`)
   */
  constructor(
    private readonly language: string,
    private readonly system: () => string,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** `21:40` */
  time(at: Date): string {
    return this.clock().format(at);
  }

  /** `Today`, `Yesterday`, `Thursday, 7 January`; with the year where it is not this one */
  day(at: Date): string {
    const format = at.getFullYear() === this.now().getFullYear() ? this.dayOfYear() : this.longDay();
    return this.recentDay(at) ?? format.format(at);
  }

  /** `Today 21:40`, `7 Jan 2016 21:40` */
  short(at: Date): string {
    return `${this.recentDay(at) ?? this.shortDay().format(at)} ${this.time(at)}`;
  }

  /** Everything, to the second. */
  long(at: Date): string {
    return this.full().format(at);
  }

  /** `now`, `2 min`, `3 hr`, `5 days`: how long ago */
  age(at: Date): string {
    const minutes = Math.floor((this.now().getTime() - at.getTime()) / 60_000);
    if (minutes < 1) return this.words().format(0, 'second');
    if (minutes < 60) return this.amount(minutes, 'minute', 'short');
    if (minutes < 48 * 60) return this.amount(Math.floor(minutes / 60), 'hour', 'short');
    return this.amount(Math.floor(minutes / (24 * 60)), 'day', 'long');
  }

  /** `now`, `2 minutes ago`, `3 hours ago`, `4 days ago` */
  ago(at: Date): string {
    const minutes = Math.max(0, Math.floor((this.now().getTime() - at.getTime()) / 60_000));
    if (minutes < 1) return this.words().format(0, 'second');
    if (minutes < 60) return this.words().format(-minutes, 'minute');
    if (minutes < 48 * 60) return this.words().format(-Math.floor(minutes / 60), 'hour');
    return this.words().format(-Math.floor(minutes / (24 * 60)), 'day');
  }

  /** `1.2 MB`; thousands, as file managers count */
  size(bytes: number): string {
    const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
    const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
    const unit = units[power] ?? 'byte';
    const value = bytes / 1000 ** power;
    const digits = power > 0 && value < 10 ? 1 : 0;
    return new Intl.NumberFormat(this.locale(), {
      style: 'unit',
      unit,
      unitDisplay: unit === 'byte' ? 'long' : 'short',
      maximumFractionDigits: digits,
    }).format(value);
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.locale()).format(value);
  }

  private format(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
    return once(() => new Intl.DateTimeFormat(this.locale(), options));
  }

  private amount(value: number, unit: 'minute' | 'hour' | 'day', unitDisplay: 'short' | 'long'): string {
    return new Intl.NumberFormat(this.locale(), { style: 'unit', unit, unitDisplay }).format(value);
  }

  private recentDay(at: Date): string | undefined {
    const days = Math.round((midnight(at) - midnight(this.now())) / 86_400_000);
    if (days !== 0 && days !== -1) return undefined;
    const word = this.words().format(days, 'day');
    return word.charAt(0).toLocaleUpperCase(this.locale()) + word.slice(1);
  }
}

/** A key that is the same for all times of one local day. */
export function dayKey(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
}

function midnight(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The locale in which dates and numbers are told: the system's where it is a variety of the editor's language. */
export function localeFor(language: string, system: string): string {
  const isVariety = system.split(SEPARATOR)[0] === language.split(SEPARATOR)[0];
  return usableLocale(...(isVariety ? [system] : []), language);
}

/**
 * The first of these that `Intl` takes; English if it takes none. Systems add to a name what is none of a locale's, which
 * `Intl` refuses with a RangeError (`en-US@posix`), and the editor's language may be a made-up one (a pseudo-locale).
 */
export function usableLocale(...names: string[]): string {
  for (const name of names) {
    try {
      const [supported] = Intl.DateTimeFormat.supportedLocalesOf(name.replace(/[@.].*$/, '').replaceAll('_', '-'));
      if (supported !== undefined) return supported;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return 'en';
}

/** A time zone that `Intl` knows: this one, or else that of whoever asks. */
export function usableTimeZone(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return new Intl.DateTimeFormat('en').resolvedOptions().timeZone;
  }
}

const SEPARATOR = /[-_@.]/;
