import { asOneOf, asText, asTexts, type RawSearch } from '../../app/search';

/** The state of the tables page: the table whose columns are open. */
export interface TablesSearch {
  table?: string;
  /** Whether tables without events are listed too. */
  empty?: 'shown';
}

/** The state of the coverage page. */
export interface CoverageSearch {
  org?: string[];
  from?: string;
  to?: string;
}

/** Returns the search with everything left out that is no valid value. */
export function validateTablesSearch(search: RawSearch): TablesSearch {
  return { table: asText(search.table), empty: asOneOf(search.empty, ['shown'] as const) };
}

/** Returns the search with everything left out that is no valid value. */
export function validateCoverageSearch(search: RawSearch): CoverageSearch {
  return { org: asTexts(search.org), from: asText(search.from), to: asText(search.to) };
}
