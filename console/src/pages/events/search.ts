import { asOneOf, asText, asTexts, type RawSearch } from '../../app/search';

/** The state of the event search, all of it in the address. */
export interface EventsSearch {
  q?: string;
  from?: string;
  to?: string;
  org?: string[];
  sort?: 'asc' | 'desc';
  /** Columns shown, in order. */
  columns?: string[];
  /** The event that is open in the flyout. */
  event?: string;
}

/** Returns the search with everything left out that is no valid value. */
export function validateEventsSearch(search: RawSearch): EventsSearch {
  return {
    q: asText(search.q),
    from: asText(search.from),
    to: asText(search.to),
    org: asTexts(search.org),
    sort: asOneOf(search.sort, ['asc', 'desc'] as const),
    columns: asTexts(search.columns),
    event: asText(search.event),
  };
}
