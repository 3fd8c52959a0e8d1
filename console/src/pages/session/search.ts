import { asText, asTexts, type RawSearch } from '../../app/search';

/** The state of the session page: a key shows its tree, none shows the list. */
export interface SessionSearch {
  key?: string;
  q?: string;
  org?: string[];
}

/** Returns the search with everything left out that is no valid value. */
export function validateSessionSearch(search: RawSearch): SessionSearch {
  return { key: asText(search.key), q: asText(search.q), org: asTexts(search.org) };
}
