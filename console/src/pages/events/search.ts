import type { SurroundingBy } from '../../api/types';
import { asOneOf, asText, asTexts, type RawSearch } from '../../app/search';
import { EVENT_TABS, type EventTab, SURROUNDINGS } from '../../parts/flyout-event/views';
import { readColumns, writeColumns } from './columns';
import { isRangeText } from './time-range';

/** The state of the event search, all of it in the address. */
export interface EventsSearch {
  q?: string;
  /** RFC 3339 with zone, or relative (`end-24h`, `now-7d`). */
  from?: string;
  to?: string;
  org?: string[];
  sort?: 'asc';
  /** Columns shown, in order, with commas between them. */
  columns?: string;
  /** The event that is open in the flyout. */
  event?: string;
  /** Its tab. */
  tab?: EventTab;
  by?: SurroundingBy;
  /** What the store held when a permalink was made. */
  generation?: string;
}

/** Returns the search with everything left out that is no valid value or says what holds anyway. */
export function validateEventsSearch(search: RawSearch): EventsSearch {
  const range = (value: unknown) => {
    const text = asText(value);
    return text !== undefined && isRangeText(text) ? text : undefined;
  };
  const tab = asOneOf(search.tab, EVENT_TABS);
  const by = asOneOf(search.by, SURROUNDINGS);
  return {
    q: asText(search.q),
    from: range(search.from),
    to: range(search.to),
    org: asTexts(search.org),
    sort: asOneOf(search.sort, ['asc'] as const),
    columns: writeColumns(readColumns(asText(search.columns))),
    event: asText(search.event),
    tab: tab === 'fields' ? undefined : tab,
    by: by === 'session' ? undefined : by,
    generation: asText(search.generation),
  };
}
