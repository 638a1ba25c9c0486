import type { Catalog } from '../../host/catalog.js';
import type { DateFormat } from '../../host/dates.js';

/** What every node needs to show itself. */
export interface NodeServices {
  catalog: Catalog;
  dates: DateFormat;
  collator: Intl.Collator;
}
